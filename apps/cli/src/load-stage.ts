import { stageEntry, stageRow } from '@galvani/pipeline';
import { claimed, type Stage } from '@galvani/study';
import type { DividedStage, StageArguments } from '@galvani/terminal';

/** Stages' packages, by name; written out, since a bundler follows only names that it reads. */
const packages: Record<string, () => Promise<object>> = {
  '@galvani/calibrate': () => import('@galvani/calibrate'),
  '@galvani/controls': () => import('@galvani/controls'),
  '@galvani/decode': () => import('@galvani/decode'),
  '@galvani/design': () => import('@galvani/design'),
  '@galvani/extract': () => import('@galvani/extract'),
  '@galvani/geometry': () => import('@galvani/geometry'),
  '@galvani/glm': () => import('@galvani/glm'),
  '@galvani/lesion': () => import('@galvani/lesion'),
  '@galvani/networks': () => import('@galvani/networks'),
  '@galvani/plan': () => import('@galvani/plan'),
  '@galvani/power': () => import('@galvani/power'),
  '@galvani/report': () => import('@galvani/report'),
  '@galvani/steer': () => import('@galvani/steer'),
  '@galvani/yardstick': () => import('@galvani/yardstick'),
};

type StageFunction = (args: StageArguments) => Promise<void>;

/**
 * Stages are loaded when they are asked for, since `galvani --help` need not wait for onnxruntime; and before anything is done,
 * since a build may replace their files meanwhile.
 */
export async function loadStage(name: Stage): Promise<StageFunction> {
  return claimed(name, (await loadUnclaimed(name)).stage);
}

/** The same as its package exports it, and how it is divided, for who claims what it reads and writes himself. */
export async function loadUnclaimed(name: Stage): Promise<{ stage: StageFunction; divided?: DividedStage }> {
  const row = stageRow(name);
  const exported = (await packages[row.package]()) as Record<string, unknown>;
  const stage = exported[stageEntry(row).export] as StageFunction;
  return { stage, ...(row.divided && { divided: exported.divided as DividedStage }) };
}

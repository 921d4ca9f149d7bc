import { stageEntry, stageRow } from '@galvani/pipeline';
import { claimed, type Stage } from '@galvani/study';
import type { DividedStage, StageArguments } from '@galvani/terminal';

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
  const exported: Record<string, unknown> = await import(row.package);
  const stage = exported[stageEntry(row).export] as StageFunction;
  return { stage, ...(row.divided && { divided: exported.divided as DividedStage }) };
}

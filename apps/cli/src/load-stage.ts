import { stageEntry, stageRow } from '@galvani/pipeline';
import { claimed, type Stage } from '@galvani/study';
import type { StageArguments } from '@galvani/terminal';

type StageFunction = (args: StageArguments) => Promise<void>;

/**
 * Stages are loaded when they are asked for, since `galvani --help` need not wait for onnxruntime; and before anything is done,
 * since a build may replace their files meanwhile.
 */
export async function loadStage(name: Stage): Promise<StageFunction> {
  return claimed(name, await loadUnclaimed(name));
}

/** The same as its package exports it, for who claims what it reads and writes himself. */
export async function loadUnclaimed(name: Stage): Promise<StageFunction> {
  const row = stageRow(name);
  const stages: Record<string, StageFunction> = await import(row.package);
  return stages[stageEntry(row).export];
}

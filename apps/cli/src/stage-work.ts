import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Manifest, manifestName, readManifest } from '@galvani/artifact';
import { stageRow } from '@galvani/pipeline';
import type { Stage } from '@galvani/study';
import { collectRarely, detail, formatBytes, formatSeconds, gatheredOutput, outputMode } from '@galvani/terminal';
import type { StudyToRun } from './study-argument.js';

/** A folder that a stage has written, or kept. */
export interface PartWork {
  /** Its name in the study: `glm`, `extract/<run>`. */
  part: string;
  /** `kept`: it was there as it has to be. `missing`: the command left none. */
  state: 'written' | 'kept' | 'missing';
  /** Files that its manifest lists, and their bytes. */
  files: number;
  bytes: number;
  /** What its manifest says of them. */
  facts: Record<string, unknown>;
}

/** What a stage did, as `--json` has it. */
export interface StageWork {
  stage: Stage;
  seconds: number;
  /** What it said of its work. */
  sentences: string[];
  parts: PartWork[];
}

/**
 * Does the work of a stage, and says what it came to.
 * @param runs those it works on, where it works run by run. Default: all
 */
export async function stageWork(
  { study, runs: all }: StudyToRun,
  stage: Stage,
  runs: readonly string[] | undefined,
  work: () => Promise<unknown>,
): Promise<StageWork> {
  const parts = stageRow(stage).per === 'run' ? (runs ?? all).map((run) => `${stage}/${run}`) : [stage];
  const before = await Promise.all(parts.map((part) => identity(join(study, part))));
  const said = gatheredOutput().sentences.length;
  collectRarely();
  const began = performance.now();
  await work();
  const seconds = Math.round(performance.now() - began) / 1000;
  const done = await Promise.all(parts.map((part, i) => partWork(study, part, before[i])));
  const bytes = done.reduce((sum, own) => sum + own.bytes, 0);
  detail(`${stage}: ${formatSeconds(seconds)}, ${formatBytes(bytes)} in ${join(study, stage)}`);
  return { stage, seconds, sentences: gatheredOutput().sentences.slice(said), parts: done };
}

/** What a folder's manifest says, where one is wanted; `before`: which manifest was there. */
async function partWork(root: string, part: string, before: string | undefined): Promise<PartWork> {
  const none = { part, state: 'missing', files: 0, bytes: 0, facts: {} } as const;
  if (!outputMode().json && outputMode().level !== 'verbose') return none;
  const manifest = await readManifest(join(root, part));
  if (manifest === undefined) return none;
  const state = (await identity(join(root, part))) === before ? 'kept' : 'written';
  return { part, state, ...manifestWork(manifest) };
}

/** Counts and facts of a manifest. */
export function manifestWork({ outputs, facts }: Manifest) {
  const listed = Object.values(outputs);
  return { files: listed.length, bytes: listed.reduce((sum, { bytes }) => sum + bytes, 0), facts };
}

/** Which file a folder's manifest is: one that is written anew is another, also with the same bytes. */
async function identity(folder: string): Promise<string | undefined> {
  const found = await stat(join(folder, manifestName), { bigint: true }).catch(() => undefined);
  return found && `${found.ino} ${found.mtimeNs}`;
}

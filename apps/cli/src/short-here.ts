import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { freeBytes, machineMemory, type StageForecast, tooLarge } from '@galvani/forecast';
import type { PlannedParameters, StudyFolder } from '@galvani/study';
import { formatBytes, warn } from '@galvani/terminal';
import { lighterRecording } from './lighter-recording.js';

/** Something of which a study needs more than this machine has; it may run elsewhere. */
export interface Short {
  /** Memory is needed by a stage, disk by the study. */
  of: 'memory' | 'disk';
  stage?: string;
  /** Bytes. */
  needed: number;
  /** Bytes; of a disk those that are free, and those that the study has already. */
  there: number;
}

/** The stages that need more memory than there is. */
export function shortOfMemory(stages: readonly StageForecast[]): Short[] {
  const there = machineMemory();
  return stages
    .filter(({ memory }) => memory > there)
    .map(({ stage, memory }) => ({ of: 'memory', stage, needed: Math.ceil(memory), there }));
}

/** Tells, and warns of, what a study needs and this machine does not have. @param stages what each takes; none where that is not known */
export async function tellShort(
  folder: StudyFolder,
  stages: readonly StageForecast[],
  { extract }: Pick<PlannedParameters, 'extract'>,
): Promise<Short[]> {
  if (stages.length === 0) return [];
  const wide = stages.reduce((a, b) => (b.memory > a.memory ? b : a));
  const why = tooLarge(wide, machineMemory());
  if (why !== undefined) warn(`this study does not fit this machine: ${why}.`);
  const short = shortOfMemory(stages);
  const needed = Math.ceil(stages.reduce((sum, { disk }) => sum + disk, 0));
  const [free, taken] = [await freeBytes(folder.root), await bytesUnder(folder.root)];
  if (needed > free + taken) {
    warn(
      `this study does not fit this disk: it needs about ${formatBytes(needed)} in ${folder.root}, of which ${formatBytes(taken)} are there, and ${formatBytes(free)} are free. ${lighterRecording(extract)}`,
    );
    short.push({ of: 'disk', needed, there: free + taken });
  }
  return short;
}

/** Bytes of all files under a folder; a link counts as what it links to. */
export async function bytesUnder(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await bytesUnder(path);
    else bytes += (await stat(path).catch(() => undefined))?.size ?? 0;
  }
  return bytes;
}

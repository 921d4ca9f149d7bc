import { statfs } from 'node:fs/promises';
import { bytesOf, mostGrowth, type Storage } from '@galvani/artifact';
import { Failure, formatBytes, formatCount, makeFolder, UserMistake } from '@galvani/terminal';

/** What a recording will write. */
export interface RecordingSize {
  runs: number;
  /** Generated tokens of a run. */
  rows: number;
  /** Numbers for each token. */
  units: number;
  /** Columns, over all files. */
  sites: number;
  storage: Storage;
}

/** Bytes that recordings take on disk, rather too many than too few: numbers, tables, and what the formats add. */
export function forecastBytes({ runs, rows, units, sites, storage }: RecordingSize): number {
  const tokens = 120 * rows + 20_000;
  const format = 1500 * sites + 10_000;
  return runs * (rows * units * bytesOf[storage] * (mostGrowth + 0.001) + tokens + format);
}

/** Free bytes where `folder` lies (or will lie). The environment's GALVANI_FREE_BYTES stands in for the disk's own answer. */
export async function freeBytes(folder: string): Promise<number> {
  const said = process.env.GALVANI_FREE_BYTES;
  if (said !== undefined) {
    if (!/^\d+$/.test(said))
      throw new UserMistake(`GALVANI_FREE_BYTES is '${said}'; it has to be a whole number of bytes.`);
    return Number(said);
  }
  await makeFolder(folder);
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** @throws Failure if the disk is too small, before anything was written. */
export function checkForecast(size: RecordingSize, free: number, folder: string): void {
  const needed = forecastBytes(size);
  if (needed <= free) return;
  const runs = size.runs === 1 ? 'the recording' : `the ${formatCount(size.runs)} runs that are not recorded yet`;
  const need = size.runs === 1 ? 'needs' : 'need';
  const advice =
    size.storage === 'float32'
      ? 'Free some space, record fewer sites (sites) or store float16 (storage), which halves it.'
      : 'Free some space or record fewer sites (sites).';
  throw new Failure(
    `${runs} ${need} about ${formatBytes(needed)} in ${folder}, and ${formatBytes(free)} are free; nothing was started. ${advice}`,
  );
}

import { statfs } from 'node:fs/promises';
import { bytesOf, mostGrowth, type Storage } from '@galvani/artifact';
import { Failure, formatBytes, formatCount, makeFolder, UserMistake } from '@galvani/terminal';

/** What a recording will write. */
export interface RecordingSize {
  runs: number;
  /** Tokens of a run. */
  tokens: number;
  /** Rows of activations of a run: one for each token, or one for each moment of each prompt. */
  rows: number;
  /** Numbers for each token. */
  units: number;
  /** Columns, over all files. */
  sites: number;
  storage: Storage;
}

/** Bytes that recordings take on disk, rather too many than too few: numbers, tables, and what the formats add. */
export function forecastBytes({ runs, tokens, rows, units, sites, storage }: RecordingSize): number {
  const table = 120 * tokens + 20_000;
  const format = 1500 * sites + 10_000;
  return runs * (rows * units * bytesOf[storage] * (mostGrowth + 0.001) + table + format);
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
  const fewer =
    size.rows < size.tokens
      ? 'record fewer sites (sites)'
      : 'record fewer sites (sites), keep prompts and not tokens (keep)';
  const advice =
    size.storage === 'float32'
      ? `Free some space, ${fewer} or store float16 (storage), which halves it.`
      : `Free some space, or ${fewer}.`;
  throw new Failure(
    `${runs} ${need} about ${formatBytes(needed)} in ${folder}, and ${formatBytes(free)} are free; nothing was started. ${advice}`,
  );
}

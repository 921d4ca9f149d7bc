import { bytesOf, mostGrowth, type Storage } from '@galvani/artifact';

/** What a recording will write. */
export interface RecordingSize {
  runs: number;
  /** Tokens of a run. */
  tokens: number;
  /** Rows of activations of a run: one for each token, or one for each moment of each prompt. */
  rows: number;
  /** Numbers for each row. */
  units: number;
  /** Columns, over all files. */
  sites: number;
  storage: Storage;
}

/** Bytes that recordings take on disk, rather too many than too few: numbers, tables, and what the formats add. */
export function recordingBytes({ runs, tokens, rows, units, sites, storage }: RecordingSize): number {
  const table = 120 * tokens + 20_000;
  const format = 1500 * sites + 10_000;
  return runs * (rows * units * bytesOf[storage] * (mostGrowth + 0.001) + table + format);
}

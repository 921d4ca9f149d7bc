import { Failure } from '@galvani/terminal';
import type { ActivationColumn } from './activation-column.js';
import type { ActivationBatch, ActivationReader } from './activation-file.js';

/** Means over each prompt's tokens of every unit of a layer. */
export interface PromptMeans {
  columns: ActivationColumn[];
  /** Units over all columns. */
  units: number;
  prompts: number;
  /** [prompts x units], row-major; units in the order of the columns. */
  means: Float64Array;
}

/**
 * Averages an activation file over the tokens of each prompt, in one pass, and closes it.
 *
 * @param promptOfRow prompt of each row, from 0 (column `prompt` of tokens.parquet)
 * @throws Failure if the file has another number of rows
 */
export async function readPromptMeans(file: ActivationReader, promptOfRow: ArrayLike<number>): Promise<PromptMeans> {
  try {
    const units = file.columns.reduce((sum, { width }) => sum + width, 0);
    const counts: number[] = [];
    for (let row = 0; row < promptOfRow.length; row++) counts[promptOfRow[row]] = (counts[promptOfRow[row]] ?? 0) + 1;
    const prompts = counts.length;
    const means = new Float64Array(prompts * units);
    for await (const { firstRow, rows, values } of batchesOfRun(file, promptOfRow.length)) {
      let first = 0;
      for (const [c, { width }] of file.columns.entries()) {
        addToPromptSums(means, values[c], { units, first, width, rows }, promptOfRow, firstRow);
        first += width;
      }
    }
    for (let p = 0; p < prompts; p++) for (let u = p * units; u < (p + 1) * units; u++) means[u] /= counts[p];
    return { columns: file.columns, units, prompts, means };
  } finally {
    await file.close();
  }
}

/** The batches of a run's file. @throws Failure if they do not have `expected` rows together */
export async function* batchesOfRun(file: ActivationReader, expected: number): AsyncGenerator<ActivationBatch> {
  let rows = 0;
  for await (const batch of file.batches()) {
    rows = batch.firstRow + batch.rows;
    if (rows > expected) break;
    yield batch;
  }
  if (rows !== expected)
    throw new Failure(`${file.path} has ${rows} rows or more, tokens.parquet has ${expected}: extract the run again.`);
}

/**
 * Adds rows to the sums of their prompts, in the order of rows: eight rows of a prompt at a time where there are so many, so
 * that each sum is loaded and stored once for all of them.
 *
 * @param sums [prompts x units], row-major
 * @param values [rows x width], row-major, of the units from `first` on
 * @param promptOfRow prompt of each row of the run; that of `values`' own first row is at `firstRow`
 */
export function addToPromptSums(
  sums: Float64Array,
  values: Float32Array | Float64Array,
  at: { units: number; first: number; width: number; rows: number },
  promptOfRow: ArrayLike<number>,
  firstRow: number,
): void {
  const { units, first, width, rows } = at;
  for (let r = 0; r < rows; ) {
    const prompt = promptOfRow[firstRow + r];
    let until = r + 1;
    while (until < rows && promptOfRow[firstRow + until] === prompt) until++;
    const to = prompt * units + first;
    for (; r + 7 < until; r += 8) addEight(sums, to, values, r * width, width);
    for (; r < until; r++) for (let u = 0, i = r * width; u < width; u++, i++) sums[to + u] += values[i];
  }
}

function addEight(
  sums: Float64Array,
  to: number,
  values: Float32Array | Float64Array,
  from: number,
  width: number,
): void {
  const b = from + width;
  const c = b + width;
  const d = c + width;
  const e = d + width;
  const f = e + width;
  const g = f + width;
  const h = g + width;
  for (let u = 0; u < width; u++)
    sums[to + u] =
      sums[to + u] +
      values[from + u] +
      values[b + u] +
      values[c + u] +
      values[d + u] +
      values[e + u] +
      values[f + u] +
      values[g + u] +
      values[h + u];
}

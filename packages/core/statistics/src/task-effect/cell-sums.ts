/** Prompts of one run and condition (a cell of the design), summed up; arrays have a value for each unit. */
export interface CellSums {
  /** Number of prompts. */
  readonly count: number;
  readonly mean: Float64Array;
  /** Sum of squares about that mean. */
  readonly squares: Float64Array;
}

/** Units that all prompts are added over before the next ones, so that their sums stay in the processor's cache. */
const block = 1024;

/**
 * Sums over some rows of a table [prompts x units], row-major, all of one cell. Whatever asks for a cell's mean and spread takes them
 * from here, so that one cell of many designs is gone through once.
 */
export function cellSums(values: Float32Array | Float64Array, units: number, rows: ArrayLike<number>): CellSums {
  const count = rows.length;
  const mean = new Float64Array(units);
  const squares = new Float64Array(units);
  for (let first = 0; first < units; first += block) {
    const end = Math.min(units, first + block);
    for (let b = 0; b < count; b++)
      for (let u = first, at = rows[b] * units + first; u < end; u++, at++) mean[u] += values[at];
    for (let u = first; u < end; u++) mean[u] /= count;
    for (let b = 0; b < count; b++)
      for (let u = first, at = rows[b] * units + first; u < end; u++, at++) {
        const off = values[at] - mean[u];
        squares[u] += off * off;
      }
  }
  return { count, mean, squares };
}

/** The mean over cells, each prompt counting once, [units]; NaN where there are none. */
export function meanOfCells(cells: readonly CellSums[], units: number): Float64Array {
  const total = cells.reduce((sum, { count }) => sum + count, 0);
  const mean = new Float64Array(units);
  for (const cell of cells) for (let u = 0; u < mean.length; u++) mean[u] += cell.count * cell.mean[u];
  for (let u = 0; u < mean.length; u++) mean[u] /= total;
  return mean;
}

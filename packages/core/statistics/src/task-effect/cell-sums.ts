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

/** Parts of a sum of squares below which a difference of sums has lost too many digits. */
const leastLeft = 1e-3;

/**
 * The sums of a cell without some of its rows, from those with them: of few rows that takes less than going through all others.
 *
 * @param whole sums of all rows
 * @param left the rows that are left, and `out` those that are not
 * @param into is overwritten and given back
 */
export function cellSumsWithout(
  whole: CellSums,
  values: Float32Array | Float64Array,
  { left, out }: { left: ArrayLike<number>; out: ArrayLike<number> },
  into: { mean: Float64Array; squares: Float64Array },
): CellSums {
  const { mean, squares } = into;
  const units = mean.length;
  const count = left.length;
  for (let first = 0; first < units; first += block) {
    const end = Math.min(units, first + block);
    mean.fill(0, first, end);
    squares.fill(0, first, end);
    for (let b = 0; b < out.length; b++)
      for (let u = first, at = out[b] * units + first; u < end; u++, at++) {
        const off = values[at] - whole.mean[u];
        mean[u] += off;
        squares[u] += off * off;
      }
    for (let u = first; u < end; u++) {
      const moved = -mean[u] / count;
      const rest = whole.squares[u] - squares[u] - count * moved * moved;
      mean[u] = whole.mean[u] + moved;
      squares[u] = rest;
      if (rest > leastLeft * whole.squares[u] || whole.squares[u] === 0) continue;
      let sum = 0;
      for (let b = 0; b < count; b++) sum += values[left[b] * units + u];
      mean[u] = sum / count;
      squares[u] = 0;
      for (let b = 0; b < count; b++) squares[u] += (values[left[b] * units + u] - mean[u]) ** 2;
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

import { unitCells } from './unit-cells.js';

/**
 * Correlation from which one unit's prompts are taken for another's: 99% of the variance of either is the other's. The outputs
 * of a head for tokens that training never saw reach 0.998 and more among each other, other units hardly 0.99.
 */
export const copyCorrelation = 0.995;

/** Degrees of freedom (prompts less runs) below which units may be alike by chance, so that no copies are looked for. */
const leastCopyDf = 20;

/** Squared distance of two series of length 1 that correlate at `copyCorrelation`; along any axes they are no further apart. */
const nearest = 2 * (1 - copyCorrelation);

/**
 * Units whose activity over prompts is another's, up to a level and a positive factor: their means over prompts, taken about
 * their run's mean, correlate at `copyCorrelation` or more. In the order of the units, each is compared with those before it
 * that are no copies themselves, and is a copy of the first that it matches; so a group of copies has one unit that is none.
 *
 * @param means [prompts x units], row-major
 * @param at the units to compare, `width` from `first` on
 * @param runs run of each prompt
 * @param last units to take after all others, as 1, so that they are copies rather than copied; [width]
 * @returns for each unit of `width` the place of the unit that it copies, from 0; -1 for none
 * @example
 * unitCopies(Float64Array.from({ length: 48 }, (_, i) => (i % 2) + ((i >> 1) % 5)), { units: 2, first: 0, width: 2 }, new Int32Array(24)) // [-1, 0]
 */
export function unitCopies(
  means: Float64Array,
  at: { units: number; first: number; width: number },
  runs: ArrayLike<number>,
  last?: Uint8Array,
): Int32Array {
  const { width } = at;
  const copyOf = new Int32Array(width).fill(-1);
  const prompts = runs.length;
  if (prompts - new Set(Array.from(runs)).size < leastCopyDf) return copyOf;
  const { series, varies } = unitSeries(means, at, runs);
  // Among few units, more axes cost more than the comparisons that they save.
  const axes = width < 1024 ? 1 : 6;
  const coordinates = coordinatesOf(series, width, prompts, axes);
  const cells = unitCells(coordinates, { axes, nearest, finer: width < wide ? 1 : 2 });
  const turn = [...varies.keys()].sort((a, b) => (last?.[a] ?? 0) - (last?.[b] ?? 0) || a - b);
  /** The turn from 1 on of each unit that has had it and is no copy. */
  const own = new Uint32Array(width);
  for (const [k, u] of turn.entries()) {
    if (varies[u] === 0) continue;
    let first = turn.length + 1;
    cells.eachNear(u, (v) => {
      if (own[v] < first && isNear(series, v, u, prompts)) first = own[v];
    });
    if (first <= turn.length) copyOf[u] = turn[first - 1];
    else {
      own[u] = k + 1;
      cells.add(u);
    }
  }
  return copyOf;
}

/** Units that are gone through together. */
const together = 32;

/** Each unit's means about its run's mean, scaled to length 1, [width x prompts]; zeros, and 0 in `varies`, where it does not vary or is not finite. */
function unitSeries(
  means: Float64Array,
  { units, first, width }: { units: number; first: number; width: number },
  runs: ArrayLike<number>,
): { series: Float32Array; varies: Uint8Array } {
  const prompts = runs.length;
  const names = [...new Set(Array.from(runs))];
  const runOf = Int32Array.from(runs, (run) => names.indexOf(run));
  const counts = names.map((_, r) => runOf.filter((own) => own === r).length);
  const series = new Float32Array(width * prompts);
  const varies = new Uint8Array(width);
  // Neighbouring units are gone through together, since they lie together and none waits for another's sums. What is read of them is kept,
  // [prompts x units], as all prompts of a few units stay in the cache where the rows that they come from do not.
  const block = new Float64Array(prompts * together);
  const level = new Float64Array(names.length * together);
  const squares = new Float64Array(together);
  for (let u = 0; u < width; u += together) {
    const some = Math.min(together, width - u);
    level.fill(0);
    for (let p = 0, at = 0; p < prompts; p++)
      for (let j = 0, i = p * units + first + u, k = runOf[p] * together; j < some; j++, i++, k++, at++) {
        block[at] = means[i];
        level[k] += means[i];
      }
    for (let r = 0, k = 0; r < counts.length; r++) for (let j = 0; j < together; j++, k++) level[k] /= counts[r];
    squares.fill(0);
    for (let p = 0, at = 0; p < prompts; p++)
      for (let j = 0, k = runOf[p] * together; j < some; j++, k++, at++) {
        const off = block[at] - level[k];
        block[at] = off;
        squares[j] += off * off;
      }
    for (let j = 0; j < some; j++) {
      if (!(squares[j] > 0 && squares[j] < Number.POSITIVE_INFINITY)) continue;
      varies[u + j] = 1;
      const scale = 1 / Math.sqrt(squares[j]);
      for (let p = 0, at = j, to = (u + j) * prompts; p < prompts; p++, at += some, to++)
        series[to] = block[at] * scale;
    }
  }
  return { series, varies };
}

/** Units that axes are chosen for. */
const sampled = 256;

/** Width from which axes are sought longer, since there are a good deal fewer pairs to compare along good ones. */
const wide = 8192;

/**
 * Each series along orthogonal axes of length 1, [width x axes]: any serve; these are near those in which a sample of the series
 * differs most, by steps of the power method.
 */
function coordinatesOf(series: Float32Array, width: number, prompts: number, axes: number): Float64Array {
  const found: Float64Array[] = [];
  const apart = Math.max(1, Math.floor(width / sampled));
  for (let a = 0; a < Math.min(axes, prompts); a++) {
    const start = Float64Array.from({ length: prompts }, (_, p) => ((p >> a) % 2 === 0 ? 1 : -1) * (1 + p / prompts));
    makeOrthogonal(start, found);
    let axis = start;
    for (let step = 0; step < (width < wide ? 1 : 8); step++) {
      const next = new Float64Array(prompts);
      for (let u = 0; u < width; u += apart) {
        const weight = along(series, u, axis);
        for (let p = 0, i = u * prompts; p < prompts; p++, i++) next[p] += weight * series[i];
      }
      makeOrthogonal(next, found);
      axis = next;
    }
    found.push(axis);
  }
  const coordinates = new Float64Array(width * axes);
  for (let u = 0; u < width; u++)
    for (let a = 0; a < found.length; a++) coordinates[u * axes + a] = along(series, u, found[a]);
  return coordinates;
}

/** The product of one series and an axis. */
function along(series: Float32Array, unit: number, axis: Float64Array): number {
  const prompts = axis.length;
  const from = unit * prompts;
  // Sums of their own, so that one need not wait for the other.
  let even = 0;
  let odd = 0;
  let p = 0;
  for (; p + 1 < prompts; p += 2) {
    even += series[from + p] * axis[p];
    odd += series[from + p + 1] * axis[p + 1];
  }
  return p < prompts ? even + odd + series[from + p] * axis[p] : even + odd;
}

/** Takes what lies along other axes off, and scales the rest to length 1; to zeros where nothing is left. */
function makeOrthogonal(axis: Float64Array, others: readonly Float64Array[]): void {
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, p) => sum + value * b[p], 0);
  const before = Math.sqrt(dot(axis, axis));
  for (let again = 0; again < 2; again++)
    for (const other of others) {
      const shared = dot(axis, other);
      for (let p = 0; p < axis.length; p++) axis[p] -= shared * other[p];
    }
  const length = Math.sqrt(dot(axis, axis));
  const factor = length > 1e-6 * before ? 1 / length : 0;
  for (let p = 0; p < axis.length; p++) axis[p] *= factor;
}

/** Whether two rows are no further apart than series that correlate at `copyCorrelation`. */
function isNear(rows: Float32Array, a: number, b: number, length: number): boolean {
  let sum = 0;
  for (let p = 0, i = a * length, j = b * length; p < length; p++, i++, j++) {
    const difference = rows[i] - rows[j];
    sum += difference * difference;
    // Most pairs are told apart by a few numbers.
    if (sum > nearest) return false;
  }
  return true;
}

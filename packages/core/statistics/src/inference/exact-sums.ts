import type { RoundedTile } from './rounded-tile.js';
import type { SumsOfRows } from './two-sums.js';

/** Labels (and signs) of rows under many arrangements. */
export interface Arrangements {
  count: number;
  /** [count x B] of 1 (the first condition's label) and 0; or [B], the same in all. One for each set of maxima. */
  labels: readonly Uint8Array[];
  /** [count x B] of 1 and -1, the same for all labels. */
  signs?: Int8Array;
}

/** Sums in float64 of a tile's unit of length 1 under an arrangement, written into `out`. */
export type SumExactly = (tile: RoundedTile, arrangement: number, unit: number, out: SumsOfRows) => void;

/** With signs all rows are summed; without them the sum of all is 0, and those of the condition with fewer rows tell the others'. */
export function exactSums(labels: Uint8Array, signs: Int8Array | undefined, B: number, count: number): SumExactly {
  return signs ? signedSums(labels, signs, B) : plainSums(labels, B, count);
}

function signedSums(labels: Uint8Array, signs: Int8Array, B: number): SumExactly {
  const all = Float64Array.from(signs);
  // No branch on labels: they are as good as random, and a branch that is guessed wrong takes longer than the sums.
  const own = all.map((sign, i) => sign * labels[labels.length === B ? i % B : i]);
  return ({ exact }, arrangement, unit, out) => {
    // Even and odd rows apart: each sum waits for the one before.
    let first = 0;
    let first2 = 0;
    let sum = 0;
    let sum2 = 0;
    let squares = 0;
    let squares2 = 0;
    const end = (arrangement + 1) * B;
    let place = unit * B;
    let at = arrangement * B;
    for (; at < end - 1; at += 2, place += 2) {
      const value = exact[place];
      const value2 = exact[place + 1];
      const labelled = own[at] * value;
      const labelled2 = own[at + 1] * value2;
      first += labelled;
      first2 += labelled2;
      squares += labelled * labelled;
      squares2 += labelled2 * labelled2;
      sum += all[at] * value;
      sum2 += all[at + 1] * value2;
    }
    if (at < end) {
      const labelled = own[at] * exact[place];
      first += labelled;
      squares += labelled * labelled;
      sum += all[at] * exact[place];
    }
    out.first = first + first2;
    out.other = sum + sum2 - out.first;
    out.squares = squares + squares2;
  };
}

function plainSums(labels: Uint8Array, B: number, count: number): SumExactly {
  const { label, size, members } = fewerRows(labels, B, count);
  return ({ exact }, arrangement, unit, out) => {
    let sum = 0;
    let squares = 0;
    for (let k = arrangement * size, end = k + size, start = unit * B; k < end; k++) {
      const value = exact[start + members[k]];
      sum += value;
      squares += value * value;
    }
    out.first = label === 1 ? sum : -sum;
    out.other = -out.first;
    out.squares = label === 1 ? squares : 1 - squares;
  };
}

/** The first condition's squares of a unit of length 1 under an arrangement, up to rounding, which signs do not change. */
export function firstSquares(labels: Uint8Array, B: number, count: number) {
  const { label, size, members } = fewerRows(labels, B, count);
  return ({ exact }: RoundedTile, arrangement: number, unit: number): number => {
    let squares = 0;
    for (let k = arrangement * size, end = k + size, start = unit * B; k < end; k++)
      squares += exact[start + members[k]] ** 2;
    return label === 1 ? squares : 1 - squares;
  };
}

/** Rows of the condition with fewer, [count x size]. */
function fewerRows(labels: Uint8Array, B: number, count: number) {
  const ones = labels.subarray(0, B).reduce((sum, label) => sum + label, 0);
  const label = ones <= B - ones ? 1 : 0;
  const size = label === 1 ? ones : B - ones;
  const members = new Uint32Array(count * size);
  for (let i = 0, to = 0; i < count; i++)
    for (let b = 0; b < B; b++) if (labels[i * B + b] === label) members[to++] = b;
  return { label, size, members };
}

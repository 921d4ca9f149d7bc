import type { RoundedTile } from './rounded-tile.js';
import type { SumsOfRows } from './two-sums.js';

/** Sums in float64 of a tile's unit of length 1 under an arrangement, written into `out`. */
export type SumExactly = (tile: Pick<RoundedTile, 'exact'>, arrangement: number, unit: number, out: SumsOfRows) => void;

/** Sums of rows whose signs are drawn: of those with the first condition's label and of the others. */
export function signedSums(labels: Uint8Array, signs: Int8Array, B: number): SumExactly {
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

/** Where the sum of all rows is 0, those of the condition with fewer rows tell the others'. */
export function plainSums(labels: Uint8Array, B: number, count: number): SumExactly {
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

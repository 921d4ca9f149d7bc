import { Tensor } from '@galvani/onnx';
import { batchesOf } from './arranged-rows.js';
import { multiplyIntegers } from './integer-products.js';
import { needsSquares, searchOf } from './rounded-search.js';
import type { RoundedTile } from './rounded-tile.js';
import type { StudentizedStatistic } from './studentized-form.js';
import type { TwoSums } from './two-sums.js';

/** Labels (and signs) of rows under many arrangements. */
export interface Arrangements {
  count: number;
  /** [count x B] of 1 (the first condition's label) and 0; or [B], the same in all. One for each set of maxima. */
  labels: readonly Uint8Array[];
  /** [count x B] of 1 and -1, the same for all labels. */
  signs?: Int8Array;
}

/** Raises `maxima`, an array for each labels, to the largest extremeness of a tile's units under each arrangement. */
export type RoundedFold = (tile: RoundedTile, maxima: readonly Float64Array[]) => Promise<void>;

/**
 * Looks for maxima with products of eight-bit integers, four times as fast as float32: they tell, with the bound of what rounding may
 * have changed, which few units can reach a maximum, and these are computed exactly, in float64. So rounding changes no result.
 */
export function roundedFold(
  statistic: StudentizedStatistic,
  sums: TwoSums,
  given: Arrangements,
  rows: number,
): RoundedFold {
  const batches = batchesOf(given.count).map(([from, count]) => ({
    from,
    count,
    ...leftRows(given, rows, from, count),
  }));
  const memory = ['first', 'all', 'squares'].map(() => integers());
  const signed = given.signs !== undefined;
  const worlds = given.labels.map((labels) => {
    const known = labels.length === rows ? labels : undefined;
    return { labels, known };
  });
  return async (tile, maxima) => {
    const { width } = tile;
    const searches = worlds.map(({ known }) => searchOf(tile, sums, known, signed));
    for (const { from, count, all, firsts } of batches) {
      const [first, whole, squares] = memory.map((space) => space(count * width));
      if (all) await multiplyIntegers(all, tile.values, whole);
      for (const [world, { labels, known }] of worlds.entries()) {
        await multiplyIntegers(firsts[world].labelled, tile.values, first);
        const squared = !known && needsSquares(sums, maxima[world].subarray(from, from + count), signed);
        if (squared) await multiplyIntegers(firsts[world].plain, tile.squares, squares);
        const products = { first, all: whole, ...(squared && { squares }) };
        for (let row = 0; row < count; row++) {
          const at = from + row;
          maxima[world][at] = statistic.raiseMaximum(
            maxima[world][at],
            (unit, cut) => searches[world](products, row * width, unit, cut),
            (unit, values) => exactSums(tile, labels, given.signs, sums, at, unit, values),
            width,
          );
        }
      }
    }
  };
}

/** Memory that grows to what is asked for, and is used again. */
function integers(): (length: number) => Int32Array {
  let memory = new Int32Array(0);
  return (length) => {
    if (memory.length < length) memory = new Int32Array(length);
    return memory.subarray(0, length);
  };
}

/** Forms and the first condition's squares of one unit under one arrangement, without rounding. */
function exactSums(
  { exact, rows: B }: RoundedTile,
  labels: Uint8Array,
  signs: Int8Array | undefined,
  { forms }: TwoSums,
  arrangement: number,
  unit: number,
  out: { forms: Float64Array; squares: Float64Array },
): void {
  const label = labels.length === B ? 0 : arrangement * B;
  let [m, n, q] = [0, 0, 0];
  for (let b = 0, at = unit * B; b < B; b++, at++) {
    const value = signs ? signs[arrangement * B + b] * exact[at] : exact[at];
    // No branch: labels are as good as random, and a branch that is guessed wrong takes longer than the sums.
    const own = labels[label + b] * value;
    m += own;
    q += own * value;
    n += value;
  }
  n -= m;
  for (let j = 0; j < out.forms.length; j++) out.forms[j] = forms[2 * j] * m + forms[2 * j + 1] * n;
  out.squares[0] = q;
}

/**
 * Left matrices of a batch: signs alone, and for each labels those with signs and without. Entries are one more than what they stand
 * for.
 */
function leftRows({ labels, signs }: Arrangements, B: number, from: number, count: number) {
  const size = count * B;
  const made = (valueAt: (i: number, at: number) => number) => {
    const values = new Uint8Array(size);
    for (let i = 0, at = from * B; i < size; i++, at++) values[i] = 1 + valueAt(i, at);
    return new Tensor('uint8', values, [count, B]);
  };
  const firsts = labels.map((own) => {
    const labelOf = (i: number, at: number) => own[own.length === B ? i % B : at];
    const plain = made(labelOf);
    return { plain, labelled: signs ? made((i, at) => labelOf(i, at) * signs[at]) : plain };
  });
  return { firsts, ...(signs && { all: made((_, at) => signs[at]) }) };
}

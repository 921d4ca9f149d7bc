import { Tensor } from '@galvani/onnx';
import { batchesOf } from './arranged-rows.js';
import { multiplyIntegers } from './integer-products.js';
import { searchOf } from './rounded-search.js';
import type { RoundedTile } from './rounded-tile.js';
import type { StudentizedStatistic } from './studentized-form.js';
import type { TwoSums } from './two-sums.js';

/** Labels (and signs) of rows under many arrangements. */
export interface Arrangements {
  count: number;
  /** [count x B] of 1 (the first condition's label) and 0; or [B], the same in all. */
  labels: Uint8Array;
  /** [count x B] of 1 and -1. */
  signs?: Int8Array;
}

/** Raises `maxima` to the largest extremeness of a tile's units under each arrangement. */
export type RoundedFold = (tile: RoundedTile, maxima: Float64Array) => Promise<void>;

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
  const shared = given.labels.length === rows;
  const batches = batchesOf(given.count).map(([from, count]) => ({
    from,
    count,
    ...leftRows(given, rows, from, count),
  }));
  const memory = new Map<string, Int32Array>();
  const space = (name: string, length: number) => {
    const known = memory.get(name);
    if (known && known.length >= length) return known.subarray(0, length);
    const made = new Int32Array(length);
    memory.set(name, made);
    return made;
  };
  const multiply = async (batch: (typeof batches)[number], tile: RoundedTile) => {
    const size = batch.count * tile.width;
    const out = {
      first: space('first', size),
      ...(batch.all && { all: space('all', size) }),
      ...(batch.labels && { squares: space('squares', size) }),
    };
    await multiplyIntegers(batch.first, tile.values, out.first);
    if (batch.all) await multiplyIntegers(batch.all, tile.values, out.all!);
    if (batch.labels) await multiplyIntegers(batch.labels, tile.squares, out.squares!);
    return out;
  };
  return async (tile, maxima) => {
    const search = searchOf(tile, sums, shared ? given.labels : undefined, given.signs !== undefined);
    for (const batch of batches) {
      const products = await multiply(batch, tile);
      for (let row = 0; row < batch.count; row++) {
        const at = batch.from + row;
        maxima[at] = statistic.raiseMaximum(
          maxima[at],
          (unit, cut) => search(products, row * tile.width, unit, cut),
          (unit, values) => exactSums(tile, given, sums, at, unit, values),
          tile.width,
        );
      }
    }
  };
}

/** Forms and the first condition's squares of one unit under one arrangement, without rounding. */
function exactSums(
  { exact, rows: B }: RoundedTile,
  { labels, signs }: Arrangements,
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

/** Left matrices of a batch: labels with signs, signs alone, labels alone. Entries are one more than what they stand for. */
function leftRows({ labels, signs }: Arrangements, B: number, from: number, count: number) {
  const shared = labels.length === B;
  const size = count * B;
  const [first, all, plain] = [new Uint8Array(size), new Uint8Array(size), new Uint8Array(size)];
  for (let i = 0, at = from * B; i < size; i++, at++) {
    const label = labels[shared ? i % B : at];
    const sign = signs ? signs[at] : 1;
    first[i] = 1 + label * sign;
    all[i] = 1 + sign;
    plain[i] = 1 + label;
  }
  const tensor = (values: Uint8Array) => new Tensor('uint8', values, [count, B]);
  return {
    first: tensor(first),
    ...(signs && { all: tensor(all) }),
    ...(!shared && { labels: tensor(signs ? plain : first) }),
  };
}

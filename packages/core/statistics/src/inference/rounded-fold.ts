import { batchesOf } from './arranged-rows.js';
import { plainSums } from './exact-sums.js';
import { integerRows, multiplyIntegers } from './integer-products.js';
import { boundEntries, roundedBounds } from './rounded-bounds.js';
import { byteMemory, nextLarge, sizeOf, stepOf } from './rounded-search.js';
import type { RoundedTile } from './rounded-tile.js';
import type { StudentizedStatistic } from './studentized-form.js';
import { formsOf, mayExceed, type TwoSums } from './two-sums.js';

/** Raises `maxima` to the largest extremeness of a tile's units under each arrangement. */
export type RoundedFold = (tile: RoundedTile, maxima: Float64Array) => Promise<void>;

/** Units that a maximum starts from: as long as there is none, every unit may be the largest. */
const firstUnits = 64;

/**
 * Looks for maxima with products of eight-bit integers, several times as fast as float32, of which a byte is kept: they tell, with the
 * bound of what rounding may have changed, which few units can reach a maximum, and these are computed exactly, in float64. So rounding
 * changes no result.
 *
 * @param labels [arrangements x B] of 1 (the first condition's label) and 0
 */
export function roundedFold(
  statistic: StudentizedStatistic,
  sums: TwoSums,
  labels: Uint8Array,
  rows: number,
): RoundedFold {
  const count = labels.length / rows;
  const entries = boundEntries(sums);
  const left = integerRows(count, rows, (i) => entries[1 - labels[i]]);
  const orderOf = arrangementOrder(count, (order) => left.arrange(order));
  const sumExactly = plainSums(labels, rows, count);
  const memory = byteMemory();
  const found = { first: 0, other: 0, squares: 0 };
  const fill = (_: number, values: { forms: Float64Array; squares: Float64Array }) => formsOf(found, sums, values);

  /** The first unit from one on that may exceed the cut, of those that `candidate` gives. */
  function nextOf(tile: RoundedTile, arrangement: number, candidate: (unit: number, cut: number) => number) {
    return (unit: number, cut: number): number => {
      for (let at = candidate(unit, cut); at < tile.width; at = candidate(at + 1, cut)) {
        sumExactly(tile, arrangement, at, found);
        if (mayExceed(sums, found, cut)) return at;
      }
      return tile.width;
    };
  }

  /** Maxima over the first units; gives how many they are, 0 where maxima have begun. */
  function begin(tile: RoundedTile, maxima: Float64Array): number {
    if (maxima[0] > Number.NEGATIVE_INFINITY) return 0;
    const units = Math.min(firstUnits, tile.width);
    for (let i = 0; i < count; i++)
      maxima[i] = statistic.raiseMaximum(
        maxima[i],
        nextOf(tile, i, (unit) => unit),
        fill,
        units,
      );
    return units;
  }

  return async (tile, maxima) => {
    const { width, stride } = tile;
    const begun = begin(tile, maxima);
    if (begun === width) return;
    const { effectWithin } = roundedBounds(tile, sums);
    const order = orderOf(maxima);
    for (const [from, size] of batchesOf(count)) {
      const batch = order.subarray(from, from + size);
      const product = memory(size * stride);
      const step = stepOf(effectWithin(leastCut(maxima, batch)));
      await multiplyIntegers(left.take(from, size), tile.values, tile.ones, step, product.bytes);
      for (let row = 0; row < size; row++) {
        const start = row * stride;
        const at = batch[row];
        let [last, least] = [-1, 0];
        const candidate = (unit: number, cut: number) => {
          if (cut !== last) [last, least] = [cut, cut > 0 ? sizeOf(effectWithin(cut), step) : 0];
          return least < 64 ? unit : nextLarge(product, start + unit, start + width, least) - start;
        };
        maxima[at] = statistic.raiseMaximum(maxima[at], nextOf(tile, at, candidate), fill, width, begun);
      }
    }
  };
}

/** The least square of positive maxima of some arrangements; 0 where there is none. */
function leastCut(maxima: Float64Array, batch: Uint32Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (const i of batch) if (maxima[i] > 0 && maxima[i] < least) least = maxima[i];
  return least < Number.POSITIVE_INFINITY ? least * least : 0;
}

/**
 * Arrangements by their maxima so far, so that those of a batch, which have a step in common, need much the same one. Made anew each
 * time that tiles have doubled.
 */
function arrangementOrder(count: number, changed: (order: Uint32Array) => void): (maxima: Float64Array) => Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  let [tiles, next] = [0, 1];
  return (maxima) => {
    tiles++;
    if (tiles >= next) {
      next *= 2;
      order.sort((a, b) => maxima[a] - maxima[b] || a - b);
      changed(order);
    }
    return order;
  };
}

import { batchesOf } from './arranged-rows.js';
import { type Arrangements, exactSums, firstSquares } from './exact-sums.js';
import { integerRows, multiplyIntegers } from './integer-products.js';
import { boundEntries, roundedBounds } from './rounded-bounds.js';
import { byteMemory, isLarge, mostOf, nextLarge, sizeOf, stepOf } from './rounded-search.js';
import type { RoundedTile } from './rounded-tile.js';
import type { StudentizedStatistic } from './studentized-form.js';
import { formsOf, mayExceed, type TwoSums } from './two-sums.js';

/** Raises `maxima`, an array for each labels, to the largest extremeness of a tile's units under each arrangement. */
export type RoundedFold = (tile: RoundedTile, maxima: readonly Float64Array[]) => Promise<void>;

/** Units that a maximum starts from: as long as there is none, every unit may be the largest. */
const firstUnits = 64;

/**
 * Looks for maxima with products of eight-bit integers, several times as fast as float32, of which a byte is kept: they tell, with the
 * bound of what rounding may have changed, which few units can reach a maximum, and these are computed exactly, in float64. So rounding
 * changes no result.
 */
export function roundedFold(
  statistic: StudentizedStatistic,
  sums: TwoSums,
  given: Arrangements,
  rows: number,
): RoundedFold {
  const signed = given.signs !== undefined;
  const { firsts, all } = leftRows(given, boundEntries(sums, signed), rows);
  const orderOf = arrangementOrder(given.count, (order) => {
    for (const matrix of [...firsts, ...(all ? [all] : [])]) matrix.arrange(order);
  });
  const sumExactly = given.labels.map((labels) => exactSums(labels, given.signs, rows, given.count));
  // Where signs are drawn under permuted labels few of the units that could pass with the least variance do so with their own.
  const squaresOf = given.labels.map((labels) =>
    signed && labels.length > rows ? firstSquares(labels, rows, given.count) : undefined,
  );
  const [firstMemory, allMemory] = [byteMemory(), byteMemory()];
  const found = { first: 0, other: 0, squares: 0 };
  const fill = (_: number, values: { forms: Float64Array; squares: Float64Array }) => formsOf(found, sums, values);

  /** The first unit from one on that may exceed the cut, of those that `candidate` gives; `world` is which of the labels are worn. */
  function nextOf(
    tile: RoundedTile,
    world: number,
    arrangement: number,
    candidate: (unit: number, cut: number) => number,
  ) {
    return (unit: number, cut: number): number => {
      for (let at = candidate(unit, cut); at < tile.width; at = candidate(at + 1, cut)) {
        sumExactly[world](tile, arrangement, at, found);
        if (mayExceed(sums, found, cut)) return at;
      }
      return tile.width;
    };
  }

  /** Maxima over the first units; gives how many they are, 0 where maxima have begun. */
  function begin(tile: RoundedTile, maxima: readonly Float64Array[]): number {
    if (maxima.every((own) => own[0] > Number.NEGATIVE_INFINITY)) return 0;
    const units = Math.min(firstUnits, tile.width);
    for (const [w, own] of maxima.entries())
      for (let i = 0; i < given.count; i++)
        own[i] = statistic.raiseMaximum(
          own[i],
          nextOf(tile, w, i, (unit) => unit),
          fill,
          units,
        );
    return units;
  }

  return async (tile, maxima) => {
    const { width, stride } = tile;
    const begun = begin(tile, maxima);
    if (begun === width) return;
    const bounds = given.labels.map((labels) =>
      roundedBounds(tile, sums, signed, labels.length === rows ? labels : undefined),
    );
    const order = orderOf(maxima);
    for (const [from, count] of batchesOf(given.count)) {
      const batch = order.subarray(from, from + count);
      const cuts = maxima.map((own) => leastCut(own, batch));
      const deviations = bounds[0].bestAll(Math.min(...cuts));
      const whole = all && allMemory(count * stride);
      if (all)
        await multiplyIntegers(
          all.take(from, count),
          tile.values,
          tile.ones,
          stepOf(bounds[0].allWithin(deviations)),
          whole!.bytes,
        );
      for (const [w, own] of maxima.entries()) {
        const first = firstMemory(count * stride);
        const step = stepOf(bounds[w].effectWithin(cuts[w], deviations));
        await multiplyIntegers(firsts[w].take(from, count), tile.values, bounds[w].unitSteps, step, first.bytes);
        for (let row = 0; row < count; row++) {
          const start = row * stride;
          const at = batch[row];
          let [last, size] = [-1, 0];
          const candidate = (unit: number, cut: number) => {
            if (cut !== last) [last, size] = [cut, cut > 0 ? sizeOf(bounds[w].effectWithin(cut, deviations), step) : 0];
            if (size < 64) return unit;
            const squares = squaresOf[w];
            for (let place = start + unit; ; place++) {
              place = nextLarge(first, whole, place, start + width, size);
              if (place >= start + width || !squares) return place - start;
              const most = mostOf(first, place) * step;
              if (isLarge(whole!, place)) return place - start;
              const q = squares(tile, at, place - start);
              if (most > bounds[w].effectWithin(cut, deviations, q)) return place - start;
            }
          };
          own[at] = statistic.raiseMaximum(own[at], nextOf(tile, w, at, candidate), fill, width, begun);
        }
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
function arrangementOrder(
  count: number,
  changed: (order: Uint32Array) => void,
): (maxima: readonly Float64Array[]) => Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  let [tiles, next] = [0, 1];
  return (maxima) => {
    tiles++;
    if (tiles >= next) {
      next *= 2;
      const least = Float64Array.from({ length: count }, (_, i) => Math.min(...maxima.map((own) => own[i])));
      order.sort((a, b) => least[a] - least[b] || a - b);
      changed(order);
    }
    return order;
  };
}

/** Left matrices: for each labels integers by label, with the signs; and signs alone. */
function leftRows({ labels, signs, count }: Arrangements, entries: readonly [number, number], B: number) {
  const firsts = labels.map((own) => {
    const labelAt = own.length === B ? (i: number) => own[i % B] : (i: number) => own[i];
    return integerRows(count, B, (i) => entries[1 - labelAt(i)] * (signs ? signs[i] : 1));
  });
  return { firsts, ...(signs && { all: integerRows(count, B, (i) => signs[i]) }) };
}

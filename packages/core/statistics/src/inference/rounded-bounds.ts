import type { RoundedTile } from './rounded-tile.js';
import type { TwoSums } from './two-sums.js';

/** What the sum of a condition's rounded rows, in steps of a tile, says of a statistic. */
export interface RoundedBounds {
  /** Largest size of the sum that can not reach a squared statistic of `cut`; negative where any may. */
  effectWithin(cut: number): number;
}

/**
 * The variance is taken for the least that it can be, since squares under an arrangement are not known: all that means leave is the
 * condition's with the smaller weight.
 */
export function roundedBounds({ step }: RoundedTile, { along, weight, lost, rows }: TwoSums): RoundedBounds {
  const smallest = Math.min(...weight);
  const least = smallest * (1 - rounding);
  // q >= m^2 / n for the condition with the larger weight.
  const spared = weight.map((value, h) => (value - smallest) / rows[h]);
  const curve = (lost[0] + lost[1] - spared[0] - spared[1]) / along[0] ** 2;
  const off = 0.5 * Math.min(...rows) + 1;
  return { effectWithin: (cut) => largestEffect(curve, cut, least) / Math.abs(along[0]) / step - off };
}

/** The rows whose sum is looked at, as an integer for each label: the condition's with fewer, which rounding changes less. */
export const boundEntries = ({ rows }: TwoSums): readonly [number, number] => (rows[0] <= rows[1] ? [1, 0] : [0, 1]);

/** What units' sums of squares may lack of 1. */
const rounding = 1e-12;

/** The largest effect for which effect^2 + cut curve effect^2 is at most cut times `least`. */
function largestEffect(curve: number, cut: number, least: number): number {
  if (cut * least <= 0) return Number.NEGATIVE_INFINITY;
  const a = 1 + cut * curve;
  // No effect reaches the cut.
  return a <= 0 ? Number.POSITIVE_INFINITY : Math.sqrt((cut * least) / a);
}

import { largestEntry } from './integer-products.js';
import type { RoundedTile } from './rounded-tile.js';
import type { TwoSums } from './two-sums.js';

/**
 * Two sums of rounded rows that bound a statistic: one in proportion to the effect, with integers for the rows of each label, and where
 * rows have signs the sum of all, without which the variance would not be known. In steps of a tile.
 */
export interface RoundedBounds {
  /** What a unit's sums are divided by beside: with known squares those of units with larger ones reach as much less far, [stride]. */
  unitSteps: Float32Array;
  /** Largest sum of all rows within `all` of its deviations that rounding may show. */
  allWithin(all: number): number;
  /**
   * Largest size of the first sum that can not reach a squared statistic of `cut` where the other is within; negative where any may.
   *
   * @param squares the first condition's of the unit of length 1, where they are known: the bound is the unit's own
   */
  effectWithin(cut: number, all: number, squares?: number): number;
  /** Deviations of the sum of all rows within which to look, so that few units are left: 0 without signs. */
  bestAll(cut: number): number;
}

/**
 * Where labels are the same in all arrangements each unit's variance is known up to what means take off. Else it is taken for the least
 * that it can be: all that means leave is the condition's with the smaller weight.
 *
 * @param labels [B], 1 for rows of the first condition, where they are the same in all arrangements
 */
export function roundedBounds(tile: RoundedTile, sums: TwoSums, signed: boolean, labels?: Uint8Array): RoundedBounds {
  const { step, rows: B } = tile;
  const { along, weight, lost, rows } = sums;
  const squares = labels && weightedSquares(tile, weight, labels);
  const known = squares?.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const smallest = Math.min(...weight);
  const least = (known ?? smallest) * (1 - rounding);
  // q >= m^2 / n for the condition with the larger weight.
  const spared = known === undefined ? weight.map((value, h) => (value - smallest) / rows[h]) : [0, 0];
  const { entries, scale, off } = entriesOf(sums, signed);
  // |sum of entries - scale effect| of rounded rows, in steps.
  const effectOff = off / step + 0.5 * (Math.abs(entries[0]) * rows[0] + Math.abs(entries[1]) * rows[1]) + 1;
  const curveOf = signed ? signedCurve : plainCurve;
  const curve = curveOf(along, lost, spared);
  const knownCurve = curveOf(along, lost, [0, 0]);
  const effectWithin = (cut: number, all: number, squares?: number) => {
    const effect =
      squares === undefined
        ? largestEffect(curve, cut, least, all)
        : largestEffect(knownCurve, cut, (weight[0] * squares + weight[1] * (1 - squares)) * (1 - rounding), all);
    return (scale * effect) / step - effectOff;
  };
  const unitSteps = tile.ones.slice();
  if (squares) for (const [u, value] of squares.entries()) unitSteps[u] = Math.sqrt(value / known!);
  return {
    unitSteps,
    effectWithin,
    allWithin: (all) => all / step - 0.5 * B - 1,
    bestAll(cut) {
      if (!signed) return 0;
      const spread = Math.hypot(along[0] * Math.sqrt(rows[0] / B), along[1] * Math.sqrt(rows[1] / B));
      const deviation =
        (scale / step) * spread * (tile.width / unitSteps.subarray(0, tile.width).reduce((a, b) => a + b));
      const left = (all: number) => normalTail(all - 0.5 * B * step) + normalTail(effectWithin(cut, all) / deviation);
      return [1.5, 2, 2.5, 3, 3.5, 4, 4.5].reduce((best, all) => (left(all) < left(best) ? all : best));
    },
  };
}

/** Integers of rows with the first condition's label and the other's, whose sum is in proportion to the effect. */
export const boundEntries = (sums: TwoSums, signed: boolean) => entriesOf(sums, signed).entries;

/** Without signs the second sum is the first one's negative. */
const entriesOf = ({ along, rows }: TwoSums, signed: boolean) =>
  signed ? effectEntries(along, rows) : plainSum(along, rows);

/** Conditions' weighted squares of each unit, [width]: its variance before means are taken off. */
function weightedSquares(
  { rows, width, exact }: RoundedTile,
  weight: readonly number[],
  labels: Uint8Array,
): Float64Array {
  const sums = new Float64Array(width);
  for (let u = 0; u < width; u++)
    for (let b = 0; b < rows; b++) sums[u] += weight[1 - labels[b]] * exact[u * rows + b] ** 2;
  return sums;
}

/** What units' sums of squares may lack of 1. */
const rounding = 1e-12;

/** effect^2 + cut (ee effect^2 + ea effect all + aa all^2) is at most cut times the squares where a statistic is within the cut. */
interface Curve {
  ee: number;
  ea: number;
  aa: number;
}

/** The second sum is the first one's negative, and the form's entry for it is 0. */
function plainCurve(along: readonly number[], lost: readonly number[], spared: readonly number[]): Curve {
  return { ee: (lost[0] + lost[1] - spared[0] - spared[1]) / along[0] ** 2, ea: 0, aa: 0 };
}

/** From m = (effect - along1 all) / d and n = (along0 all - effect) / d with d = along0 - along1. */
function signedCurve(along: readonly number[], lost: readonly number[], spared: readonly number[]): Curve {
  const d = (along[0] - along[1]) ** 2;
  const [first, second] = [0, 1].map((h) => Math.max(0, lost[h] - spared[h]) / d);
  return {
    ee: first + second,
    ea: -2 * (first * along[1] + second * along[0]),
    aa: first * along[1] ** 2 + second * along[0] ** 2,
  };
}

/** The largest effect for which the curve stays within cut times `least` for all sums up to `all`. */
function largestEffect({ ee, ea, aa }: Curve, cut: number, least: number, all: number): number {
  const a = 1 + cut * ee;
  const b = 0.5 * cut * Math.abs(ea) * all;
  const c = cut * (aa * all * all - least);
  if (c >= 0) return Number.NEGATIVE_INFINITY;
  // No effect reaches the cut.
  if (a <= 0) return Number.POSITIVE_INFINITY;
  return (Math.sqrt(b * b - a * c) - b) / a;
}

interface Entries {
  entries: readonly [number, number];
  /** What the sum of entries is to the effect. */
  scale: number;
  /** Largest difference of the sum from scale times the effect, for rows of length 1. */
  off: number;
}

/** The sum of the condition with fewer rows, which rounding changes less. */
function plainSum(along: readonly number[], rows: readonly number[]): Entries {
  return { entries: rows[0] <= rows[1] ? [1, 0] : [0, 1], scale: 1 / Math.abs(along[0]), off: 0 };
}

/** Small integers in the ratio of two numbers, or near it. */
function effectEntries(along: readonly number[], rows: readonly number[]): Entries {
  const sizes = along.map(Math.abs);
  const largest = Math.max(...sizes);
  const tried = Array.from({ length: largestEntry }, (_, i) => {
    const scale = (i + 1) / largest;
    const entries = sizes.map((size) => Math.round(size * scale));
    const off = Math.hypot(...entries.map((entry, h) => (entry - sizes[h] * scale) * Math.sqrt(rows[h])));
    return { entries, scale, off: off < 1e-9 ? 0 : off };
  });
  const exact = tried.find(({ off }) => off === 0) ?? tried[largestEntry - 1];
  return { ...exact, entries: [Math.sign(along[0]) * exact.entries[0], Math.sign(along[1]) * exact.entries[1]] };
}

/** In proportion to how often a normal deviate is further out. */
function normalTail(deviate: number): number {
  return deviate > 0 ? Math.exp(-0.5 * deviate * deviate) : 1;
}

import type { RoundedTile } from './rounded-tile.js';
import type { TwoSums } from './two-sums.js';

/** The first condition's weighted squares and the other's, [width], where labels are the same in all arrangements. */
function weightedSquares({ rows, width, exact }: RoundedTile, { weight }: TwoSums, labels: Uint8Array): Float64Array {
  const sums = new Float64Array(width);
  for (let u = 0; u < width; u++)
    for (let b = 0; b < rows; b++) sums[u] += weight[labels[b] ? 0 : 1] * exact[u * rows + b] ** 2;
  return sums;
}

/** Products of one batch, [rows x width] each, in steps. */
export interface Products {
  first: Int32Array;
  /** Read where rows have signs. */
  all: Int32Array;
  /** Without them the variance is taken for the least that it can be, and more units pass. */
  squares?: Int32Array;
}

/** The first unit from `unit` on whose squared statistic may exceed `cut`; `width` where there is none. */
export type Search = (products: Products, start: number, unit: number, cut: number) => number;

/**
 * Rounding moves m0 by half a step a row at most, so effect^2 > cut variance is asked with |m0| as much larger and q0 as far off in
 * the direction that makes the variance least.
 */
export function searchOf(tile: RoundedTile, sums: TwoSums, labels: Uint8Array | undefined, signed: boolean): Search {
  const { width, step, squareStep } = tile;
  const { along, lost, weight, rows } = sums;
  const [off, other] = [0.5 * rows[0], 0.5 * rows[1]];
  const slope = (weight[0] - weight[1]) * squareStep;
  const constant = weight[1] - Math.abs(slope) * off;
  const scale = step * step;
  if (!signed)
    return ({ first, squares }, start, unit, cut) => {
      if (!(cut > 0)) return unit;
      const curve = (along[0] * along[0] + cut * lost[0]) * scale;
      // The variance is at least this, whatever the squares are.
      const least = Math.floor(Math.sqrt((cut * Math.min(weight[0], weight[1])) / curve) - off) - 1;
      return squares
        ? nextLarge(first, squares, start, unit, width, least, off, curve, cut * constant, cut * slope)
        : nextBeyond(first, start, unit, width, least);
    };
  const known = labels && weightedSquares(tile, sums, labels);
  const smallest = Math.min(weight[0], weight[1]) * (1 - rounding);
  const variances = known ?? new Float64Array(width).fill(smallest);
  const least = known ? known.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY) : smallest;
  const offEffect = Math.abs(along[0]) * off + Math.abs(along[1]) * other;
  return ({ first, all, squares }, start, unit, cut) => {
    if (!(cut > 0)) return unit;
    const [c, d] = [cut * lost[0], cut * lost[1]];
    // (|x| + off)^2 is at most (1 + share) x^2 + (1 + 1 / share) off^2.
    const [more, extra] = [scale * (1 + share), scale * (1 + 1 / share)];
    const form = {
      mm: more * (along[0] * along[0] + c),
      mn: more * 2 * along[0] * along[1],
      nn: more * (along[1] * along[1] + d),
      rest: extra * (offEffect * offEffect + c * off * off + d * other * other),
    };
    const box = boxInside(form, cut * least, rows, step);
    return squares
      ? nextOfBoth(first, all, squares, start, unit, width, box, form, cut * constant, cut * slope)
      : nextOfKnown(first, all, variances, start, unit, width, box, form, cut);
  };
}

/** What units' sums of squares may lack of 1. */
const rounding = 1e-12;

/**
 * Whether too many units would pass without their sums of squares: more than a few in a thousand, as a unit that passes takes as long as
 * some hundred units' products. So many pass where an effect of three of its standard deviations is large enough.
 *
 * @param maxima largest |t| so far under some arrangements
 */
export function needsSquares({ along, lost, weight, rows }: TwoSums, maxima: Float64Array, signed: boolean): boolean {
  const typical = maxima.reduce((sum, value) => sum + Math.max(value, 0), 0) / maxima.length;
  const cut = typical * typical;
  const all = rows[0] + rows[1];
  const spread = signed ? [rows[0] / all, rows[1] / all] : [(rows[0] * rows[1]) / (all * (all - 1)), 0];
  const effect = along[0] ** 2 * spread[0] + along[1] ** 2 * spread[1];
  const less = lost[0] * spread[0] + lost[1] * spread[1];
  return cut * Math.min(weight[0], weight[1]) < 9.6 * (effect + cut * less);
}

/** How far (1 + share) x^2 exceeds x^2. */
const share = 0.04;

/** mm m^2 + mn m n + nn n^2 + rest */
interface QuadraticForm {
  mm: number;
  mn: number;
  nn: number;
  rest: number;
}

/**
 * Half the sides of a rectangle within which the form does not exceed `limit`, in proportion to how the sums vary; negative where it is
 * so small that asking costs more than it saves.
 */
function boxInside({ mm, mn, nn, rest }: QuadraticForm, limit: number, rows: readonly [number, number], step: number) {
  const [m, n] = [Math.sqrt(rows[0]), Math.sqrt(rows[1])];
  const size = Math.sqrt(Math.max(0, limit - rest) / (mm * m * m + Math.abs(mn) * m * n + nn * n * n));
  // One deviation of a sum of k rows is that of a row, sqrt(k / B).
  if (size * step * Math.hypot(m, n) < 1.8) return [-1, -1] as const;
  return [Math.floor(size * m) - 1, Math.floor(size * n) - 1] as const;
}

/** The first unit whose form in both sums exceeds `cut` times its known variance; sums inside the box do not. */
function nextOfKnown(
  first: Int32Array,
  all: Int32Array,
  known: Float64Array,
  start: number,
  unit: number,
  width: number,
  [most, other]: readonly [number, number],
  { mm, mn, nn, rest }: QuadraticForm,
  cut: number,
): number {
  const [span, otherSpan] = [2 * most, 2 * other];
  for (let u = unit, at = start + unit; u < width; u++, at++) {
    const m = first[at];
    const n = all[at] - m;
    // As in nextBeyond.
    if ((m + most) >>> 0 <= span && (n + other) >>> 0 <= otherSpan) continue;
    if (m * (mm * m + mn * n) + nn * n * n + rest > cut * known[u]) return u;
  }
  return width;
}

/** The first unit whose form in both sums exceeds constant + slope q; sums inside the box do not. */
function nextOfBoth(
  first: Int32Array,
  all: Int32Array,
  squares: Int32Array,
  start: number,
  unit: number,
  width: number,
  [most, other]: readonly [number, number],
  { mm, mn, nn, rest }: QuadraticForm,
  constant: number,
  slope: number,
): number {
  const [span, otherSpan] = [2 * most, 2 * other];
  for (let u = unit, at = start + unit; u < width; u++, at++) {
    const m = first[at];
    const n = all[at] - m;
    if ((m + most) >>> 0 <= span && (n + other) >>> 0 <= otherSpan) continue;
    if (m * (mm * m + mn * n) + nn * n * n + rest > constant + slope * squares[at]) return u;
  }
  return width;
}

/** The first unit with |m| above `least` for which (|m| + off)^2 curve > constant + slope q. */
function nextLarge(
  first: Int32Array,
  squares: Int32Array,
  start: number,
  unit: number,
  width: number,
  least: number,
  off: number,
  curve: number,
  constant: number,
  slope: number,
): number {
  for (
    let u = nextBeyond(first, start, unit, width, least);
    u < width;
    u = nextBeyond(first, start, u + 1, width, least)
  ) {
    const most = Math.abs(first[start + u]) + off;
    if (most * most * curve > constant + slope * squares[start + u]) return u;
  }
  return width;
}

/** The first unit with |m| above `least`. */
function nextBeyond(first: Int32Array, start: number, unit: number, width: number, least: number): number {
  const end = start + width;
  // m + least is outside 0 to span, as a number without a sign, where m is outside -least to least.
  const span = 2 * least;
  let at = start + unit;
  // Four at a time, a third faster.
  for (const last = end - 3; at < last; at += 4)
    if (
      (first[at] + least) >>> 0 > span ||
      (first[at + 1] + least) >>> 0 > span ||
      (first[at + 2] + least) >>> 0 > span ||
      (first[at + 3] + least) >>> 0 > span
    )
      break;
  for (; at < end; at++) if ((first[at] + least) >>> 0 > span) return at - start;
  return width;
}

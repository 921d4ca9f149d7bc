import type { TContrastResult } from '../contrast/t-contrast.js';

/** A conjunction of contrasts: all of them, not just one. */
export interface Conjunction {
  /** The smallest |z|, of the contrasts' common sign; 0 where signs differ. NaN where a contrast has none. */
  z: Float64Array;
  /** log10 p against the conjunction null (at least one effect is absent). */
  log10p: Float64Array;
}

/**
 * The minimum statistic against the conjunction null: the p value is the largest of the contrasts' own.
 *
 * @param sign `positive` (default) and `negative` are one-sided; `same` takes two-sided p values and asks for one sign
 * Source: Nichols, Brett, Andersson, Wager and Poline, NeuroImage 25 (2005).
 */
export function conjunction(
  results: readonly TContrastResult[],
  sign: 'positive' | 'negative' | 'same' = 'positive',
): Conjunction {
  const units = results[0].effect.length;
  const z = new Float64Array(units);
  const log10p = new Float64Array(units);
  for (let v = 0; v < units; v++) {
    const values = results.map((result) => result.z[v]);
    if (values.some(Number.isNaN)) {
      z[v] = Number.NaN;
      log10p[v] = Number.NaN;
    } else if (sign === 'same') {
      const agree = values.every((value) => value > 0) || values.every((value) => value < 0);
      const least = Math.min(...values.map(Math.abs));
      z[v] = agree ? Math.sign(values[0]) * least : 0;
      log10p[v] = agree ? Math.max(...results.map((result) => result.log10p[v])) : 0;
    } else {
      const positive = sign === 'positive';
      z[v] = positive ? Math.min(...values) : Math.max(...values);
      log10p[v] = Math.max(...results.map((result) => (positive ? result.log10pGreater[v] : lesser(result, v))));
    }
  }
  return { z, log10p };
}

/** log10 P(T < t): the other tail, from whichever of the two is small. */
function lesser(result: TContrastResult, unit: number): number {
  if (result.t[unit] <= 0) return result.log10p[unit] - Math.log10(2);
  return Math.log1p(-(10 ** result.log10pGreater[unit])) / Math.LN10;
}

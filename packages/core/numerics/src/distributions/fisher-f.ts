import { betaLogCdf, betaQuantile } from './beta.js';
import { chi2LogSf } from './chi-squared.js';

/**
 * log P(F > f) of Fisher's F with d1 and d2 degrees of freedom (any positive numbers; d2 may be Infinity).
 *
 * @param f the statistic, >= 0
 * @example Math.exp(fLogSf(4.965, 1, 10)) // 0.05
 */
export function fLogSf(f: number, d1: number, d2: number): number {
  if (Number.isNaN(f + d1 + d2) || !(d1 > 0) || !(d2 > 0)) return Number.NaN;
  if (f <= 0) return 0;
  if (f === Number.POSITIVE_INFINITY) return Number.NEGATIVE_INFINITY;
  if (d2 >= 1e30) return chi2LogSf(f * d1, d1);
  const ratio = (d1 / d2) * f;
  return betaLogCdf(1 / (1 + ratio), d2 / 2, d1 / 2, ratio / (1 + ratio));
}

/**
 * The f at which P(F <= f) = p.
 *
 * @example fQuantile(0.95, 2, 10) // 4.103
 */
export function fQuantile(p: number, d1: number, d2: number): number {
  const x = betaQuantile(1 - p, d2 / 2, d1 / 2);
  return ((1 - x) / x) * (d2 / d1);
}

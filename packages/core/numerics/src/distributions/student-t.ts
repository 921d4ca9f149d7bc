import { betaLogCdf } from './beta.js';
import { logBeta } from './gamma-function.js';
import { log1mExp } from './logarithm.js';
import { normalLogSf, normalQuantile } from './normal.js';

/** Above this the t distribution and the normal agree to the last bit of every tail that a double can hold. */
const normalFrom = 1e30;

/**
 * log P(T > t) of Student's t. Degrees of freedom may be any positive number, or Infinity (the normal).
 *
 * @example tLogSf(300, 5000) // -7366.24801054
 */
export function tLogSf(t: number, df: number): number {
  if (Number.isNaN(t + df) || !(df > 0)) return Number.NaN;
  if (df >= normalFrom) return normalLogSf(t);
  if (t === 0) return -Math.LN2;
  if (!Number.isFinite(t)) return t > 0 ? Number.NEGATIVE_INFINITY : 0;
  const tail = tLogTwoSided(t, df) - Math.LN2;
  return t > 0 ? tail : log1mExp(tail);
}

/**
 * log P(|T| > |t|): both tails together.
 *
 * @example Math.exp(tLogTwoSided(2.228, 10)) // 0.05
 */
export function tLogTwoSided(t: number, df: number): number {
  if (Number.isNaN(t + df) || !(df > 0)) return Number.NaN;
  if (t === 0) return 0;
  if (df >= normalFrom) return Math.min(0, normalLogSf(Math.abs(t)) + Math.LN2);
  if (!Number.isFinite(t)) return Number.NEGATIVE_INFINITY;
  const square = (t * t) / df;
  const x = 1 / (1 + square);
  const y = square < 1e300 ? square / (1 + square) : 1;
  if (square > 1e290) {
    // t^2 overflows: only the leading power of the tail is left.
    return -df * (Math.log(Math.abs(t)) - 0.5 * Math.log(df)) - Math.log(df / 2) - logBeta(df / 2, 0.5);
  }
  return betaLogCdf(x, df / 2, 0.5, y);
}

/** log density of Student's t. */
export function tLogDensity(t: number, df: number): number {
  return -0.5 * (df + 1) * Math.log1p((t * t) / df) - 0.5 * Math.log(df) - logBeta(df / 2, 0.5);
}

/**
 * The t at which P(T <= t) = p.
 *
 * @example tQuantile(0.975, 10) // 2.228
 */
export function tQuantile(p: number, df: number): number {
  if (!(p >= 0 && p <= 1) || !(df > 0)) return Number.NaN;
  if (p === 0.5) return 0;
  if (p === 0) return Number.NEGATIVE_INFINITY;
  if (p === 1) return Number.POSITIVE_INFINITY;
  if (df >= normalFrom) return normalQuantile(p);
  return p < 0.5 ? -tUpperQuantile(Math.log(p), df) : tUpperQuantile(Math.log1p(-p), df);
}

/** The t > 0 with log P(T > t) = logSf < log(1/2). Newton on log t, inside a bracket. */
export function tUpperQuantile(logSf: number, df: number): number {
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  let t = Math.max(1e-8, -normalQuantile(Math.exp(Math.max(logSf, -700))));
  for (let i = 0; i < 200; i++) {
    const value = tLogSf(t, df);
    if (value > logSf) low = t;
    else high = t;
    const slope = -Math.exp(tLogDensity(t, df) - value) * t;
    let next = t * Math.exp(Math.max(-3, Math.min(3, (logSf - value) / slope)));
    if (!(next > low && next < high)) next = high === Number.POSITIVE_INFINITY ? 2 * t : (low + high) / 2;
    if (Math.abs(next - t) <= 2e-16 * t) return next;
    t = next;
  }
  return t;
}

/**
 * The degrees of freedom with which both tails beyond |t| are so large: what a table left out that gives t and its p alone.
 *
 * @param logTwoSided log P(|T| > |t|) @returns Infinity where only the normal's tails are as small; NaN for t = 0, which fits all
 * @example tDegreesOfFreedom(2.228, Math.log(0.05)) // 10
 */
export function tDegreesOfFreedom(t: number, logTwoSided: number): number {
  if (!(Math.abs(t) > 0) || Number.isNaN(logTwoSided)) return Number.NaN;
  if (tLogTwoSided(t, normalFrom) >= logTwoSided) return Number.POSITIVE_INFINITY;
  let [low, high] = [1e-3, normalFrom];
  for (let i = 0; i < 200 && high / low > 1 + 1e-12; i++) {
    const middle = Math.sqrt(low * high);
    if (tLogTwoSided(t, middle) > logTwoSided) low = middle;
    else high = middle;
  }
  return Math.sqrt(low * high);
}

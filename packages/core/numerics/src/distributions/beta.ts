import { betaCorrection, logBeta } from './gamma-function.js';
import { log1mExp, logDeficit } from './logarithm.js';

const logTwoPi = 1.8378770664093456;

/**
 * log of x^a y^b / B(a, b), with y = 1 - x given apart so that neither loses digits.
 *
 * Source: ACM TOMS algorithm 708 (BRCOMP): for large a and b the powers are taken about their mode.
 */
function logKernel(a: number, b: number, x: number, y: number, lambda: number): number {
  if (Math.min(a, b) < 10) {
    const logX = x <= y ? Math.log(x) : Math.log1p(-y);
    const logY = y < x ? Math.log(y) : Math.log1p(-x);
    return a * logX + b * logY - logBeta(a, b);
  }
  const deficit = a * deficitOf(-lambda / a, x * (1 + b / a)) + b * deficitOf(lambda / b, y * (1 + a / b));
  const [small, large] = a < b ? [a, b] : [b, a];
  const logScale = 0.5 * (Math.log(small) - Math.log1p(small / large) - logTwoPi);
  return logScale - deficit - betaCorrection(a, b);
}

/** e - log(1 + e), where 1 + e is also known as a ratio that keeps its digits when e nears -1. */
function deficitOf(e: number, ratio: number): number {
  return Math.abs(e) > 0.6 ? e - Math.log(ratio) : logDeficit(e);
}

/** Continued fraction of I_x(a, b) over x^a y^b / B(a, b), for x <= a / (a + b). Source: TOMS 708 (BFRAC). */
function betaFraction(a: number, b: number, x: number, y: number, lambda: number): number {
  const c = 1 + lambda;
  const c0 = b / a;
  const c1 = 1 + 1 / a;
  let p = 1;
  let s = a + 1;
  let an = 0;
  let bn = 1;
  let numerator = 1;
  let denominator = c / c1;
  let ratio = c1 / c;
  for (let n = 1; n < 100_000; n++) {
    const t = n / a;
    const w = n * (b - n) * x;
    const e = a / s;
    const alpha = p * (p + c0) * e * e * (w * x);
    const beta = n + w / s + ((t + 1) / (c1 + t + t)) * (c + n * (y + 1));
    p = t + 1;
    s += 2;
    const nextNumerator = alpha * an + beta * numerator;
    const nextDenominator = alpha * bn + beta * denominator;
    const next = nextNumerator / nextDenominator;
    an = numerator / nextDenominator;
    bn = denominator / nextDenominator;
    numerator = next;
    denominator = 1;
    if (Math.abs(next - ratio) <= 1e-16 * Math.abs(next)) return next;
    ratio = next;
  }
  return ratio;
}

/** log I_x(a, b) on the side where the continued fraction converges quickly, and which side that is. */
function smallSide(a: number, b: number, x: number, y: number): { log: number; lower: boolean } {
  const lambda = a > b ? (a + b) * y - b : a - (a + b) * x;
  if (lambda >= 0)
    return { log: logKernel(a, b, x, y, lambda) + Math.log(betaFraction(a, b, x, y, lambda)), lower: true };
  return {
    log: logKernel(b, a, y, x, -lambda) + Math.log(betaFraction(b, a, y, x, -lambda)),
    lower: false,
  };
}

/**
 * log of the regularised incomplete beta function I_x(a, b) = P(Beta(a, b) <= x).
 *
 * @param x in [0, 1]
 * @param y 1 - x, given apart where the caller knows it better than the subtraction would
 */
export function betaLogCdf(x: number, a: number, b: number, y = 1 - x): number {
  if (Number.isNaN(x + a + b + y) || !(a > 0) || !(b > 0)) return Number.NaN;
  if (x <= 0) return Number.NEGATIVE_INFINITY;
  if (y <= 0) return 0;
  const side = smallSide(a, b, x, y);
  return Math.min(0, side.lower ? side.log : log1mExp(Math.min(0, side.log)));
}

/** The x at which P(Beta(a, b) <= x) = p, by bisection on the logarithm's sign and then Newton's steps kept inside. */
export function betaQuantile(p: number, a: number, b: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  if (p === 0 || p === 1) return p;
  let low = 0;
  let high = 1;
  let x = a / (a + b);
  const target = Math.log(p);
  for (let i = 0; i < 200; i++) {
    const logCdf = betaLogCdf(x, a, b);
    if (logCdf > target) high = x;
    else low = x;
    const logDensity = (a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x) - logBeta(a, b);
    const step = (logCdf - target) * Math.exp(logCdf - logDensity);
    let next = x - step;
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (Math.abs(next - x) <= 1e-15 * x || next === x) return next;
    x = next;
  }
  return x;
}

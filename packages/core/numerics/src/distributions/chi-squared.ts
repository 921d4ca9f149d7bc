import { logGamma } from './gamma-function.js';
import { log1mExp } from './logarithm.js';

/** log of the upper regularised incomplete gamma function Q(a, x): a series below, a continued fraction above. */
function logUpperGamma(a: number, x: number): number {
  const logKernel = a * Math.log(x) - x - logGamma(a);
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let k = 1; k < 1_000_000; k++) {
      term *= x / (a + k);
      sum += term;
      if (term < 1e-17 * sum) break;
    }
    return log1mExp(Math.min(-Number.MIN_VALUE, logKernel + Math.log(sum)));
  }
  let b = x + 1 - a;
  let c = Number.POSITIVE_INFINITY;
  let d = 1 / b;
  let fraction = d;
  for (let k = 1; k < 1_000_000; k++) {
    const a_k = -k * (k - a);
    b += 2;
    d = 1 / (a_k * d + b);
    c = b + a_k / c;
    const factor = c * d;
    fraction *= factor;
    if (Math.abs(factor - 1) < 1e-16) break;
  }
  return logKernel + Math.log(fraction);
}

/**
 * log P(X > x) of chi-squared with df degrees of freedom (any positive number).
 *
 * @example Math.exp(chi2LogSf(3.841, 1)) // 0.05
 */
export function chi2LogSf(x: number, df: number): number {
  if (Number.isNaN(x + df) || !(df > 0)) return Number.NaN;
  if (x <= 0) return 0;
  if (x === Number.POSITIVE_INFINITY) return Number.NEGATIVE_INFINITY;
  return logUpperGamma(df / 2, x / 2);
}

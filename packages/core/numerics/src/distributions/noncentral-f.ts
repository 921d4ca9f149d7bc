import { betaLogCdf } from './beta.js';
import { logBeta, logGamma } from './gamma-function.js';
import { normalQuantile } from './normal.js';
import { parameterAt } from './root.js';

/**
 * P(F <= f) of the non-central F with d1 and d2 degrees of freedom and non-centrality `lambda`: a Poisson mixture of
 * incomplete beta functions, summed over the terms that matter, from the largest index down (every step adds).
 */
export function noncentralFCdf(f: number, d1: number, d2: number, lambda: number): number {
  if (Number.isNaN(f + d1 + d2 + lambda)) return Number.NaN;
  if (f <= 0) return 0;
  const ratio = (d1 / d2) * f;
  const x = ratio / (1 + ratio);
  const y = 1 / (1 + ratio);
  const mean = lambda / 2;
  const b = d2 / 2;
  const first = Math.max(0, Math.floor(mean - 9 * Math.sqrt(mean) - 10));
  const last = Math.ceil(mean + 9 * Math.sqrt(mean) + 20);
  let a = d1 / 2 + last;
  let value = Math.exp(betaLogCdf(x, a, b, y));
  // I_x(a - 1, b) = I_x(a, b) + x^(a-1) y^b / ((a - 1) B(a - 1, b)), and each such term follows from the one above it.
  let logTerm = (a - 1) * Math.log(x) + b * Math.log(y) - Math.log(a - 1) - logBeta(a - 1, b);
  let logWeight = mean > 0 ? last * Math.log(mean) - mean - logGamma(last + 1) : Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (let j = last; j >= first; j--) {
    const weight = mean > 0 ? Math.exp(logWeight) : j === 0 ? 1 : 0;
    sum += weight * value;
    if (j === first) break;
    value += Math.exp(logTerm);
    a -= 1;
    logTerm += Math.log(a / (a + b - 1)) - Math.log(x);
    logWeight += Math.log(j / mean);
  }
  return Math.min(1, sum);
}

/** The non-centrality at which P(F <= f) = p, or 0 where even 0 gives less. */
export function noncentralFLambda(f: number, d1: number, d2: number, p: number): number {
  if (noncentralFCdf(f, d1, d2, 0) <= p) return 0;
  // The square root of the non-centrality is nearly normal.
  const middle = Math.sqrt(d1 * f);
  const spread = Math.sqrt(1 + (d1 * f) / (2 * d2));
  const guess = Math.max(0.5, middle - normalQuantile(p) * spread);
  const cdf = (root: number) => noncentralFCdf(f, d1, d2, root * root);
  return parameterAt(cdf, p, guess, guess + 0.1 * spread, 0, middle + 40 * spread + 10) ** 2;
}

import { betaLogCdf } from './beta.js';
import { logBeta, logGamma } from './gamma-function.js';
import { normalQuantile } from './normal.js';
import { parameterAt } from './root.js';

/** What is smaller has few digits, or none. */
const tiny = 1e-280;

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
  // I_x(a - 1, b) = I_x(a, b) + x^(a-1) y^b / ((a - 1) B(a - 1, b)), and each such term follows from the one above it. Terms and
  // weights rise and then fall on the way down; while they rise from what is too small for a number, their logs are added up.
  let logTerm = (a - 1) * Math.log(x) + b * Math.log(y) - Math.log(a - 1) - logBeta(a - 1, b);
  let logWeight = mean > 0 ? last * Math.log(mean) - mean - logGamma(last + 1) : Number.NEGATIVE_INFINITY;
  let term = Math.exp(logTerm);
  let weight = Math.exp(logWeight);
  let sum = 0;
  for (let j = last; j >= first; j--) {
    if (mean === 0 && j === 0) weight = 1;
    sum += weight * value;
    if (j === first) break;
    value += term;
    a -= 1;
    const termGrows = a / (a + b - 1) / x;
    if (term < tiny && termGrows > 1) {
      logTerm += Math.log(termGrows);
      term = Math.exp(logTerm);
    } else term *= termGrows;
    const weightGrows = mean > 0 ? j / mean : 0;
    if (weight < tiny && weightGrows > 1) {
      logWeight += Math.log(weightGrows);
      weight = Math.exp(logWeight);
    } else weight *= weightGrows;
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

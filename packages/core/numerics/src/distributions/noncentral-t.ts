import { chi2LogSf } from './chi-squared.js';
import { logGamma } from './gamma-function.js';
import { normalCdf, normalQuantile } from './normal.js';
import { parameterAt } from './root.js';

/**
 * P(T <= t) of the non-central t: T = (Z + delta) / U with U = sqrt(chi-squared / df).
 *
 * By the trapezoidal rule, exponentially accurate here, over whichever of U and Z leaves the smoother integrand
 * (absolute error under 1e-12).
 */
export function noncentralTCdf(t: number, df: number, delta: number): number {
  if (Number.isNaN(t + df + delta)) return Number.NaN;
  if (t < 0) return 1 - noncentralTCdf(-t, df, -delta);
  if (t === 0) return normalCdf(-delta);
  return t * t <= 2 * df ? overScale(t, df, delta) : overNormal(t, df, delta);
}

/** E[Phi(t U - delta)] over w = log U. */
function overScale(t: number, df: number, delta: number): number {
  const logDensity = (w: number) => df * w - 0.5 * df * Math.exp(2 * w);
  const peak = logDensity(0);
  const spread = 1 / Math.sqrt(2 * df);
  let low = -4 * spread;
  while (logDensity(low) > peak - 40) low *= 1.25;
  let high = 4 * spread;
  while (logDensity(high) > peak - 40) high *= 1.1;
  const nodes = 160;
  const step = (high - low) / nodes;
  let sum = 0;
  let mass = 0;
  for (let k = 0; k <= nodes; k++) {
    const w = low + k * step;
    const density = Math.exp(logDensity(w) - peak);
    mass += density;
    sum += density * normalCdf(t * Math.exp(w) - delta);
  }
  return sum / mass;
}

/**
 * E[P(U >= (Z + delta) / t)] over Z, t > 0. The probability is one where Z < -delta; from there on it is smooth but for
 * its start, which the double exponential rule takes in its stride (Takahasi and Mori, 1974).
 */
function overNormal(t: number, df: number, delta: number): number {
  const low = Math.max(-9, -delta);
  const high = 9;
  const tail = (u: number) => (u <= 0 ? 1 : Math.exp(chi2LogSf(df * u * u, df)));
  if (df >= 20 || low === -9) {
    // The start is too flat to notice, or out of sight.
    const plain = 0.28;
    let total = 0;
    for (let k = -32; k <= 32; k++) total += Math.exp(-0.5 * (k * plain) ** 2) * tail((k * plain + delta) / t);
    return (total * plain) / Math.sqrt(2 * Math.PI);
  }
  if (low >= high) return 1;
  const half = 0.5 * (high - low);
  const step = 0.03;
  let sum = 0;
  for (let s = -3.6; s <= 3.6 + step / 2; s += step) {
    const inner = 0.5 * Math.PI * Math.sinh(s);
    // The distance from the lower end, without cancellation: half (1 + tanh(inner)).
    const from = (2 * half) / (1 + Math.exp(-2 * inner));
    const z = low + from;
    const weight = (half * 0.5 * Math.PI * Math.cosh(s)) / Math.cosh(inner) ** 2;
    const u = (low === -delta ? from : z + delta) / t;
    sum += weight * Math.exp(-0.5 * z * z) * tail(u);
  }
  return normalCdf(low) + (sum * step) / Math.sqrt(2 * Math.PI);
}

/** The delta at which P(T <= t) = p: one end of the interval of a standardised effect. */
export function noncentralTDelta(t: number, df: number, p: number): number {
  if (!Number.isFinite(t)) return Number.NaN;
  const mean = Math.exp(logGamma(df / 2) - logGamma((df + 1) / 2)) * Math.sqrt(df / 2);
  const spread = Math.sqrt(1 + (t * t) / (2 * Math.min(df, 1e12)));
  const guess = t / mean - normalQuantile(p) * spread;
  const width = 12 + 20 * spread + Math.abs(t);
  return parameterAt((delta) => noncentralTCdf(t, df, delta), p, guess, guess + 0.1 * spread, t - width, t + width);
}

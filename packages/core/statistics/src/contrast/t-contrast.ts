import { log1mExp, tLogTwoSided, tQuantile, zFromLogP } from '@galvani/numerics';
import { cohensDInterval } from '../effect-size/cohens-d.js';
import { type Fit, unitFlag } from '../fit.js';
import { requireEstimable } from './estimability.js';
import { twoSidedQuantile } from './two-sided-quantile.js';

/** A t contrast of every unit. NaN for flagged units, except `effect`, which a constant unit has. */
export interface TContrastResult {
  kind: 't';
  name: string;
  /** Weighted sum of coefficients, in the units of the series. */
  effect: Float64Array;
  /** Its sampling variance. */
  variance: Float64Array;
  t: Float64Array;
  /** Degrees of freedom: one number, or one a unit. */
  df: number | Float64Array;
  /** The normal deviate with t's upper tail, of t's sign; never clipped. */
  z: Float64Array;
  /** log10 of the two-sided p value. */
  log10p: Float64Array;
  /** log10 of the one-sided p value of a positive effect. */
  log10pGreater: Float64Array;
  /** Lower end of the effect's 95% interval (Student's t). */
  lower: Float64Array;
  /** Upper end of the effect's 95% interval. */
  upper: Float64Array;
  /** Cohen's d: the effect over the standard deviation of the model's observations (prompts' means for `prompt`). */
  d: Float64Array;
  /** Lower end of d's 95% interval (non-central t). */
  dLower: Float64Array;
  /** Upper end of d's 95% interval. */
  dUpper: Float64Array;
  /** Residual variance, as the fit has it. */
  dispersion: Float64Array;
}

/** w' C w for a covariance C, [columns x columns]. */
function quadratic(weights: Float64Array, covariance: Float64Array): number {
  const n = weights.length;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    if (weights[i] === 0) continue;
    for (let j = 0; j < n; j++) sum += weights[i] * covariance[i * n + j] * weights[j];
  }
  return sum;
}

/**
 * A t contrast of a fit.
 *
 * @param weights one for each column of the design
 * @param name for messages and tables
 * @param limits whether confidence limits are computed (default true); without them they are NaN
 * Throws a UserMistake where the design cannot estimate the contrast, with the columns that are to blame.
 */
export function contrastT(
  fit: Fit,
  weights: Float64Array,
  name = 'contrast',
  { limits = true }: { limits?: boolean } = {},
): TContrastResult {
  requireEstimable([weights], fit.design, fit.space, `'${name}'`);
  const { units } = fit;
  const effect = new Float64Array(units);
  for (let j = 0; j < weights.length; j++) {
    if (weights[j] === 0) continue;
    for (let v = 0, at = j * units; v < units; v++, at++) effect[v] += weights[j] * fit.beta[at];
  }
  const unscaled = new Float64Array(units);
  const own = fit.contrastCovariance?.([weights]);
  if (own) {
    for (let v = 0; v < units; v++)
      unscaled[v] = fit.flags[v] === unitFlag.fine ? own.covariance[v] / own.dispersion[v] : Number.NaN;
    return tResult(name, effect, unscaled, own.dispersion, own.df, limits);
  }
  const shared = fit.sharedCovariance === undefined ? undefined : quadratic(weights, fit.sharedCovariance);
  for (let v = 0; v < units; v++) {
    if (shared !== undefined) unscaled[v] = shared * (fit.covarianceScale?.[v] ?? 1);
    else unscaled[v] = fit.flags[v] === unitFlag.fine ? quadratic(weights, fit.covariance(v)) : Number.NaN;
  }
  return tResult(name, effect, unscaled, fit.dispersion, fit.contrastDf?.([weights]) ?? fit.df, limits);
}

/**
 * The statistics of a contrast from its effect, its unscaled variance and the residual variance.
 *
 * @param unscaled w' (X' V^-1 X)^-1 w of each unit
 * @param dispersion residual variance of each unit
 * @param limits as `contrastT` has it
 */
export function tResult(
  name: string,
  effect: Float64Array,
  unscaled: Float64Array,
  dispersion: Float64Array,
  df: number | Float64Array,
  limits = true,
): TContrastResult {
  const units = effect.length;
  const make = () => new Float64Array(units);
  const [variance, t, z, log10p, log10pGreater, lower, upper, d] = Array.from({ length: 8 }, make);
  const sharedQuantile = typeof df === 'number' ? tQuantile(0.975, df) : Number.NaN;
  for (let v = 0; v < units; v++) {
    const nu = typeof df === 'number' ? df : df[v];
    variance[v] = unscaled[v] * dispersion[v];
    const error = Math.sqrt(variance[v]);
    t[v] = effect[v] / error;
    const both = tLogTwoSided(t[v], nu);
    const one = both - Math.LN2;
    z[v] = Math.sign(t[v]) * zFromLogP(one);
    log10p[v] = both / Math.LN10;
    log10pGreater[v] = (t[v] >= 0 ? one : log1mExp(one)) / Math.LN10;
    d[v] = effect[v] / Math.sqrt(dispersion[v]);
    if (!limits) {
      lower[v] = upper[v] = Number.NaN;
      continue;
    }
    const half = (typeof df === 'number' ? sharedQuantile : twoSidedQuantile(nu)) * error;
    lower[v] = effect[v] - half;
    upper[v] = effect[v] + half;
  }
  const interval = limits ? cohensDInterval(t, unscaled, df) : { lower: lower.slice(), upper: upper.slice() };
  return {
    kind: 't',
    name,
    effect,
    variance,
    t,
    df,
    z,
    log10p,
    log10pGreater,
    lower,
    upper,
    d,
    dLower: interval.lower,
    dUpper: interval.upper,
    dispersion,
  };
}

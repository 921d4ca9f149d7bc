import { logGamma, noncentralTCdf, normalQuantile } from '@galvani/numerics';

/** How noncentralities of t are distributed over units. */
export interface Noncentralities {
  mean: number;
  /** Standard deviation over units, without what sampling adds. */
  spread: number;
}

/**
 * Probability that |T| exceeds a critical value, T being noncentral.
 *
 * @example powerOfT(3, 20, 2.086) // 0.8142
 */
export function powerOfT(noncentrality: number, df: number, critical: number): number {
  if (critical === Number.POSITIVE_INFINITY) return 0;
  return 1 - noncentralTCdf(critical, df, noncentrality) + noncentralTCdf(-critical, df, noncentrality);
}

/**
 * Mean and spread of the noncentralities of units whose t are known, from t's first two moments; both without the bias that t has of them.
 * The t must come from other data than those that chose the units, or chance that helped to choose them counts as effect.
 *
 * Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions 2 (1995), 31.4, moments of the noncentral t.
 *
 * @param t signed so that an effect of the expected direction is positive @param df of each, all above 2
 * @returns NaN for no units
 */
export function noncentralitiesOf(t: ArrayLike<number>, df: ArrayLike<number>): Noncentralities {
  let [first, second] = [0, 0];
  for (let u = 0; u < t.length; u++) {
    first += t[u] / Math.exp(logGamma((df[u] - 1) / 2) - logGamma(df[u] / 2)) / Math.sqrt(df[u] / 2);
    second += (t[u] * t[u] * (df[u] - 2)) / df[u] - 1;
  }
  const mean = first / t.length;
  return { mean, spread: Math.sqrt(Math.max(0, second / t.length - mean * mean)) };
}

/** Points of the normal distribution that stand for it, equally likely. */
const points = Array.from({ length: 40 }, (_, i) => normalQuantile((i + 0.5) / 40));

/**
 * Mean power over units whose noncentralities are normally distributed.
 *
 * @param factor by which noncentralities grow: the root of how many times as many prompts there are
 * @example expectedPower({ mean: 3, spread: 0 }, 1, 20, 2.086) // 0.8142
 */
export function expectedPower({ mean, spread }: Noncentralities, factor: number, df: number, critical: number): number {
  if (Number.isNaN(mean) || !(df > 0)) return Number.NaN;
  if (spread === 0) return powerOfT(factor * mean, df, critical);
  return points.reduce((sum, z) => sum + powerOfT(factor * (mean + spread * z), df, critical), 0) / points.length;
}

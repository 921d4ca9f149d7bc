import { betaQuantile } from './beta.js';
import { normalQuantile } from './normal.js';

/** A proportion's interval. */
export interface Interval {
  lower: number;
  upper: number;
}

/**
 * The exact interval of a proportion (Clopper and Pearson, Biometrika 26, 1934): covers at least `level`.
 *
 * @param level default 0.95
 * @example clopperPearson(21, 24) // { lower: 0.676, upper: 0.973 }
 */
export function clopperPearson(successes: number, trials: number, level = 0.95): Interval {
  const half = (1 - level) / 2;
  return {
    lower: successes === 0 ? 0 : betaQuantile(half, successes, trials - successes + 1),
    upper: successes === trials ? 1 : betaQuantile(1 - half, successes + 1, trials - successes),
  };
}

/**
 * Wilson's score interval of a proportion (JASA 22, 1927): covers `level` on average. Default level 0.95.
 *
 * @example wilson(21, 24) // { lower: 0.69, upper: 0.957 }
 */
export function wilson(successes: number, trials: number, level = 0.95): Interval {
  const z = normalQuantile(1 - (1 - level) / 2);
  const p = successes / trials;
  const scale = 1 + (z * z) / trials;
  const centre = (p + (z * z) / (2 * trials)) / scale;
  const half = (z / scale) * Math.sqrt((p * (1 - p)) / trials + (z * z) / (4 * trials * trials));
  return { lower: Math.max(0, centre - half), upper: Math.min(1, centre + half) };
}

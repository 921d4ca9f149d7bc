import { type TContrastResult, tResult } from '../contrast/t-contrast.js';

/** How runs are joined. */
export interface FixedEffectsOptions {
  /** Weigh each run by 1 / its variance instead of equally. Default false. */
  precisionWeighted?: boolean;
  /**
   * `separate` (default): each run keeps its own residual variance. `stacked`: one residual variance over all runs, as a
   * fit of the stacked series has it.
   */
  variance?: 'separate' | 'stacked';
}

/**
 * The mean effect over runs, for these runs alone: variances add, degrees of freedom add; where units have their own, they are
 * Satterthwaite's of the sum.
 *
 * A unit that is flagged in one run is NaN.
 */
export function fixedEffects(results: readonly TContrastResult[], options: FixedEffectsOptions = {}): TContrastResult {
  const { precisionWeighted = false, variance = 'separate' } = options;
  const units = results[0].effect.length;
  const effect = new Float64Array(units);
  const unscaled = new Float64Array(units);
  const dispersion = new Float64Array(units);
  const allNumbers = results.every(({ df }) => typeof df === 'number');
  const df = allNumbers ? results.reduce((sum, result) => sum + (result.df as number), 0) : new Float64Array(units);
  for (let v = 0; v < units; v++) {
    let total = 0;
    for (const result of results) {
      const nu = typeof result.df === 'number' ? result.df : result.df[v];
      dispersion[v] += nu * result.dispersion[v];
      total += nu;
    }
    dispersion[v] /= total;
    let weights = 0;
    let sum = 0;
    let spread = 0;
    let ofSpread = 0;
    for (const result of results) {
      const own =
        variance === 'stacked' ? (result.variance[v] / result.dispersion[v]) * dispersion[v] : result.variance[v];
      const weight = precisionWeighted ? 1 / own : 1;
      weights += weight;
      sum += weight * result.effect[v];
      spread += weight * weight * own;
      ofSpread += (weight * weight * own) ** 2 / (typeof result.df === 'number' ? result.df : result.df[v]);
    }
    effect[v] = sum / weights;
    if (typeof df !== 'number') df[v] = (spread * spread) / ofSpread;
    unscaled[v] = spread / (weights * weights) / dispersion[v];
  }
  return tResult(results[0].name, effect, unscaled, dispersion, df);
}

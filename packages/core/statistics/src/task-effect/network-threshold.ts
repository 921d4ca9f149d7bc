import { tLogTwoSided, tQuantile } from '@galvani/numerics';

/** How the threshold of a network accounts for many units. */
export interface ThresholdRule {
  /** p at which a unit passes, where that depends on the number of units tested alone. */
  level?(alpha: number, tested: number): number;
  /** Adjusts a family of p, natural logarithms. */
  adjust?(logP: Float64Array): Float64Array;
}

/**
 * The |t| from which a unit belongs to a network: a quantile of t, two-sided, where the rule has a level; else the least |t|
 * that its adjustment keeps; else that of the permutation null of the maximum (`familywise`, called only then). Infinity where
 * no unit can pass.
 *
 * @param t statistics of the family, NaN for units that are not tested
 */
export async function networkThreshold(
  rule: ThresholdRule,
  alpha: number,
  t: Float64Array,
  df: number,
  familywise: () => Promise<number>,
): Promise<number> {
  const tested = t.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0);
  if (rule.level) return tQuantile(1 - rule.level(alpha, tested) / 2, df);
  if (!rule.adjust) return familywise();
  const adjusted = rule.adjust(t.map((value) => (Number.isNaN(value) ? value : tLogTwoSided(value, df))));
  let least = Number.POSITIVE_INFINITY;
  const limit = Math.log(alpha);
  for (let u = 0; u < t.length; u++) if (adjusted[u] <= limit) least = Math.min(least, Math.abs(t[u]));
  return least;
}

import { benjaminiHochberg, tLogTwoSided, tQuantile } from '@galvani/numerics';

/** How the threshold of a network accounts for many units. */
export type ThresholdCorrection = 'familywise' | 'fdr' | 'bonferroni' | 'none';

/**
 * The |t| from which a unit belongs to a network.
 *
 * `familywise` takes it from the permutation null of the maximum (`familywise` is called only then); `fdr` is the least |t|
 * that Benjamini and Hochberg's procedure keeps; `bonferroni` and `none` are quantiles of t, two-sided. Infinity where no
 * unit can pass.
 *
 * @param t statistics of the family, NaN for units that are not tested
 */
export async function networkThreshold(
  correction: ThresholdCorrection,
  alpha: number,
  t: Float64Array,
  df: number,
  familywise: () => Promise<number>,
): Promise<number> {
  if (correction === 'familywise') return familywise();
  const tested = t.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0);
  if (correction === 'bonferroni') return tQuantile(1 - alpha / (2 * tested), df);
  if (correction === 'none') return tQuantile(1 - alpha / 2, df);
  const adjusted = benjaminiHochberg(t.map((value) => (Number.isNaN(value) ? value : tLogTwoSided(value, df))));
  let least = Number.POSITIVE_INFINITY;
  const limit = Math.log(alpha);
  for (let u = 0; u < t.length; u++) if (adjusted[u] <= limit) least = Math.min(least, Math.abs(t[u]));
  return least;
}

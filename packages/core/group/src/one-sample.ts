import { tQuantile } from '@galvani/numerics';
import { type MetaAnalysis, metaAnalysis, planSignFlips, signFlipT, smallestP } from '@galvani/statistics';
import type { EffectRow } from './group-tables.js';
import type { Family } from './observations.js';

/** Most relabellings of a test: with no more than that there are, all of them are taken, and p is exact. */
export const mostLabellings = 20_000;

/** The mean of each label over studies, tested by flipping studies' signs, and weighted by their own errors where all have one. */
export async function oneSample(
  { measure, labels, studies, values, errors }: Family,
  seed: number,
): Promise<EffectRow[]> {
  const n = studies.length;
  const plan = planSignFlips({ rows: n, count: mostLabellings, seed });
  const test = await signFlipT({ means: values, prompts: n, units: labels.length, plan });
  const least = smallestP(plan);
  return labels.map((label, k) => {
    const own = studies.map((_, s) => values[s * labels.length + k]);
    const own2 = studies.map((_, s) => errors[s * labels.length + k] ** 2);
    const mean = own.reduce((sum, value) => sum + value, 0) / n;
    const sd = Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1));
    const half = (tQuantile(0.975, n - 1) * sd) / Math.sqrt(n);
    const weighted = own2.every((variance) => variance > 0 && Number.isFinite(variance));
    const { tested } = measure;
    return {
      ...{ measure: measure.name, label, studies: n, mean, sd, lower: mean - half, upper: mean + half },
      t: tested ? test.t[k] : Number.NaN,
      p: tested ? 10 ** test.log10pUncorrected[k] : Number.NaN,
      p_familywise: tested ? 10 ** test.log10pFamilywise[k] : Number.NaN,
      smallest_p: tested ? least : Number.NaN,
      labellings: tested ? plan.count : 0,
      exhaustive: tested && plan.exhaustive,
      ...randomColumns(weighted ? metaAnalysis(own, own2) : undefined),
    };
  });
}

const randomColumns = (found: MetaAnalysis | undefined) => ({
  random_mean: found?.mean ?? Number.NaN,
  random_lower: found?.lower ?? Number.NaN,
  random_upper: found?.upper ?? Number.NaN,
  random_p: found?.p ?? Number.NaN,
  tau2: found?.tau2 ?? Number.NaN,
  i2: found?.i2 ?? Number.NaN,
  heterogeneity_p: found?.heterogeneityP ?? Number.NaN,
  prediction_lower: found?.predictionLower ?? Number.NaN,
  prediction_upper: found?.predictionUpper ?? Number.NaN,
});

import { tQuantile } from '@galvani/numerics';
import { permutationT, planPermutations, smallestP } from '@galvani/statistics';
import type { Covariate } from './covariate.js';
import type { CovariateRow } from './group-tables.js';
import type { Family } from './observations.js';
import { mostLabellings } from './one-sample.js';

/**
 * How each label of a measure changes with a covariate, tested by exchanging the covariate among studies. Of two groups t is that of equal variances,
 * whose relabellings are as likely where the groups do not differ at all.
 *
 * @returns nothing where the covariate does not vary over the measure's studies, or they are fewer than three
 */
export async function covariateTest(
  { measure, labels, studies, values }: Family,
  { name, groups, values: all }: Covariate,
  seed: number,
): Promise<CovariateRow[]> {
  const x = studies.map((s) => all[s]);
  const n = x.length;
  if (n < 3 || new Set(x).size < 2) return [];
  const plan = planPermutations({ labels: x, runs: new Int32Array(n), count: mostLabellings, seed });
  const test = await permutationT({ means: values, prompts: n, units: labels.length, plan });
  const least = smallestP(plan);
  const quantile = tQuantile(0.975, n - 2);
  return labels.map((label, k) => {
    const y = studies.map((_, s) => values[s * labels.length + k]);
    const { slope, error, r } = regression(x, y);
    return {
      ...{ measure: measure.name, label, covariate: name, studies: n, r },
      ...{ kind: groups ? 'difference' : 'slope', groups: groups ? `${groups[0]} < ${groups[1]}` : '' },
      ...{ estimate: slope, lower: slope - quantile * error, upper: slope + quantile * error },
      t: test.t[k],
      p: 10 ** test.log10pUncorrected[k],
      p_familywise: 10 ** test.log10pFamilywise[k],
      ...{ smallest_p: least, labellings: plan.count, exhaustive: plan.exhaustive },
    };
  });
}

/** Least squares of y on x with an intercept. */
function regression(x: readonly number[], y: readonly number[]) {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const products = (a: readonly number[], ma: number, b: readonly number[], mb: number) =>
    a.reduce((sum, value, i) => sum + (value - ma) * (b[i] - mb), 0);
  const [xx, xy, yy] = [products(x, mx, x, mx), products(x, mx, y, my), products(y, my, y, my)];
  const slope = xy / xx;
  const error = Math.sqrt(Math.max(0, yy - slope * xy) / (x.length - 2) / xx);
  return { slope, error, r: xy / Math.sqrt(xx * yy) };
}

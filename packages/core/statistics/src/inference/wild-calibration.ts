import type { ConditionVariances } from '../spread/condition-variances.js';
import { extendBasis } from '../spread/orthonormal-basis.js';
import { type StudentizedForm, studentizedForm } from './studentized-form.js';

/**
 * The statistic of residuals whose signs are drawn: conditions have means of their own and nothing else is fitted, as signs leave
 * nothing of what was. The first form is the sum of all rows, which permutations do not move.
 *
 * @param tested orthonormal vectors of the effects
 */
export function wildForm(model: ConditionVariances, tested: readonly Float64Array[]): StudentizedForm {
  const { conditionOf, rows, count } = model;
  const indicators = Array.from({ length: count }, (_, g) =>
    Float64Array.from(conditionOf, (own) => (own === g ? 1 : 0)),
  );
  const ones = new Float64Array(conditionOf.length).fill(1);
  const forms = extendBasis([], [ones, ...indicators, ...tested]);
  const unbiased = new Float64Array(count * count);
  for (let g = 0; g < count; g++) unbiased[g * count + g] = 1 / (rows[g] - 1);
  return studentizedForm({ ...model, unbiased }, forms, tested, (g) => [
    { a: indicators[g], b: indicators[g], factor: 1 / rows[g] },
  ]);
}

/**
 * How much further the maximum reaches under relabelled conditions than under the true ones, where nothing has an effect: below 1
 * where relabelling alone would find too much. Never above 1, so that what is exact where prompts are exchangeable stays valid; and 1
 * where it is no further below than drawing so few signs may bring it, since there it would cost power and gain nothing.
 */
export function wildRatio(relabelled: Float64Array, observed: Float64Array): number {
  const [above, below] = [upperPoint(relabelled), upperPoint(observed)];
  const ratio = above.point / below.point;
  const error = Math.hypot(above.error, ratio * below.error) / below.point;
  return ratio > 0 && ratio < 1 - noise * error ? ratio : 1;
}

/** Standard errors below 1 that a ratio may be by chance. */
const noise = 1.5;

/**
 * The point that maxima exceed with 5%, of the Gumbel distribution with their mean and deviation, which is steadier than a quantile of
 * few draws; and its standard error.
 */
function upperPoint(maxima: Float64Array): { point: number; error: number } {
  const n = maxima.length;
  const mean = maxima.reduce((sum, value) => sum + value, 0) / n;
  const deviation = Math.sqrt(maxima.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1));
  return { point: mean + gumbel * deviation, error: (gumbelError * deviation) / Math.sqrt(n) };
}

/** (-log(-log(.95)) - Euler's constant) sqrt(6) / pi */
const gumbel = 1.8658;

/** Root of 1 + gumbel 1.14 + gumbel^2 (5.4 - 1) / 4, by the skewness and kurtosis of the Gumbel distribution. */
const gumbelError = 2.64;

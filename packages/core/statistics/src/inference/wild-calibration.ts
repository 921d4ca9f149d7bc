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

/** Share of the largest maxima that are compared: their mean is steadier than a quantile. */
const upper = 0.1;

/**
 * How much further the maximum reaches under relabelled conditions than under the true ones, where nothing has an effect: below 1
 * where relabelling alone would find too much. Never above 1, so that what is exact where prompts are exchangeable stays valid.
 */
export function wildRatio(relabelled: Float64Array, observed: Float64Array): number {
  const ratio = upperMean(relabelled) / upperMean(observed);
  return ratio < 1 ? ratio : 1;
}

function upperMean(maxima: Float64Array): number {
  const sorted = maxima.slice().sort();
  const kept = sorted.subarray(Math.floor((1 - upper) * sorted.length));
  return kept.reduce((sum, value) => sum + value, 0) / kept.length;
}

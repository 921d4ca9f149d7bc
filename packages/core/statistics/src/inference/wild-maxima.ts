import { subtractAlong } from '../spread/orthonormal-basis.js';
import { arrangeRows, batchesOf } from './arranged-rows.js';
import { conditionMasks, conditionSquares, firstLabels } from './condition-sums.js';
import type { Tail } from './familywise-null.js';
import { memoryOf, tilesOf } from './form-products.js';
import type { PermutationPlan } from './permutation-plan.js';
import { multiplyRows, numbersOf, type Precision } from './row-products.js';
import { signedFold } from './signed-fold.js';
import { type StudentizedForm, studentizedStatistic } from './studentized-form.js';
import type { TestSpace } from './test-space.js';
import { twoSums } from './two-sums.js';
import { wildForm, wildRatio } from './wild-calibration.js';

/** Maxima of residuals whose signs are drawn, under the true labels and under permuted ones. */
export function wildMaxima(
  { wild, rows }: PermutationPlan,
  { interest }: TestSpace,
  fitted: StudentizedForm,
  precision: Precision,
  direction: Tail,
) {
  // Drawn signs leave two rows of a condition no spread about their mean half of the time.
  const { shares, rows: sizes } = fitted.model;
  if (wild === undefined || shares.some((share, g) => share.some((value) => value !== 0) && sizes[g] < 3))
    return undefined;
  const form = wildForm(fitted.model, interest);
  const statistic = studentizedStatistic(form, direction);
  const { signs, source, count } = wild;
  const maxima = [0, 1].map(() => new Float64Array(count).fill(Number.NEGATIVE_INFINITY));
  let memory = new Float64Array(0);
  const residualsOf = (nullResiduals: Float64Array, tile: number) => {
    if (memory.length < nullResiduals.length) memory = new Float64Array(nullResiduals.length);
    const left = memory.subarray(0, nullResiduals.length);
    left.set(nullResiduals);
    for (const vector of interest) subtractAlong(left, vector, tile);
    unitLength(left, tile);
    return left;
  };
  const ratio = () => wildRatio(maxima[1], maxima[0]);
  const sums = twoSums(form, []);
  if (sums) {
    const labels = [Uint8Array.from(form.model.conditionOf, (g) => (g === 0 ? 1 : 0)), firstLabels(form, source)];
    const fold = signedFold(statistic, sums, { count, labels, signs }, rows);
    return {
      maxima,
      add: (residuals: Float64Array, tile: number): Promise<void> => fold(residualsOf(residuals, tile), tile, maxima),
      ratio,
    };
  }
  // The first form is the sum of all rows, the same whatever their labels.
  const others = form.forms.slice(1);
  const batches = batchesOf(count).map((batch) => ({
    labelled: arrangeRows(form.forms, { signs }, batch, precision),
    permuted: arrangeRows(others, { signs, source }, batch, precision),
    masks: arrangeRows(conditionMasks(form), { source }, batch, precision),
  }));
  const [labelled, permuted, squares] = [0, 1, 2].map(() => memoryOf(precision));
  return {
    maxima,
    async add(residuals: Float64Array, tile: number): Promise<void> {
      const left = residualsOf(residuals, tile);
      const own = numbersOf(precision, (form.model.count - 1) * tile);
      own.set(conditionSquares(form.model, left, tile));
      const [plain, squared] = tilesOf(left, rows, tile, precision);
      for (const batch of batches) {
        const plane = batch.labelled.count * tile;
        const common = { total: 1, rows: batch.labelled.count, width: tile };
        const first = labelled(form.forms.length * plane);
        await multiplyRows(batch.labelled.rows!, plain, first);
        const second = permuted(form.forms.length * plane);
        second.set(first.subarray(0, plane));
        const third = squares(own.length * batch.labelled.count);
        if (batch.permuted.rows) await multiplyRows(batch.permuted.rows, plain, second.subarray(plane));
        if (batch.masks.rows) await multiplyRows(batch.masks.rows, squared, third);
        statistic.foldMaxima({ ...common, forms: first, squares: own }, maxima[0], batch.labelled.from);
        statistic.foldMaxima({ ...common, forms: second, squares: third }, maxima[1], batch.labelled.from);
      }
    },
    ratio,
  };
}

function unitLength(values: Float64Array, width: number): void {
  const squares = new Float64Array(width);
  for (let at = 0; at < values.length; at += width) for (let u = 0; u < width; u++) squares[u] += values[at + u] ** 2;
  for (let at = 0; at < values.length; at += width)
    for (let u = 0; u < width; u++) values[at + u] /= Math.sqrt(squares[u]) || 1;
}

import type { Tensor } from '@galvani/onnx';
import { conditionVariances } from '../spread/condition-variances.js';
import { extendBasis, subtractAlong } from '../spread/orthonormal-basis.js';
import { type ArrangedRows, arrangeRows, batchesOf } from './arranged-rows.js';
import { familywiseNull, log10Share } from './familywise-null.js';
import type { MaximumNull, MaximumNullOptions } from './maximum-null.js';
import type { PermutationPlan } from './permutation-plan.js';
import { roundedFold } from './rounded-fold.js';
import { roundTiles } from './rounded-tile.js';
import { multiplyRows, numbersOf, type Precision, tensorOf } from './row-products.js';
import { smallestP } from './smallest-p.js';
import { type FormValues, type StudentizedForm, studentizedForm, studentizedStatistic } from './studentized-form.js';
import { type TestSpace, testSpace } from './test-space.js';
import { twoSums } from './two-sums.js';
import { nullResiduals } from './unit-residuals.js';
import { wildForm, wildRatio } from './wild-calibration.js';

/** Units taken at a time: products of a batch stay in the cache. */
const tileWidth = 1024;

/**
 * The permutation distribution of the largest studentized statistic, for plans whose rows have conditions: the normal deviate of
 * Welch's t (or F) with each unit's own degrees of freedom. Relabelling a studentized statistic is exact where prompts are exchangeable,
 * and right for many prompts where conditions differ in spread alone. What is left of that difference with few prompts is taken off
 * by a wild bootstrap, which draws residuals' signs under the true labels and under permuted ones: maxima are divided by the ratio of
 * what the two reach.
 *
 * Sources: Janssen, Statist. Probab. Lett. 36 (1997); Chung and Romano, Ann. Statist. 41 (2013); Winkler et al., NeuroImage 92 (2014);
 * the ratio stands for prepivoting: Beran, JASA 83 (1988); Fogarty, arXiv 2102.04423 (2021).
 */
export function studentizedNull(plan: PermutationPlan, options: MaximumNullOptions): MaximumNull {
  const { tail = 'two', uncorrected = false, precision = plan.exhaustive ? 'float64' : 'float32' } = options;
  const direction = plan.columns > 1 ? 'greater' : tail;
  const space = testSpace(plan);
  const form = fittedForm(plan, space);
  const statistic = studentizedStatistic(form, direction);
  const wild = wildMaxima(plan, space, form, precision, direction);
  const sums = uncorrected ? undefined : twoSums(form, space.fixed);
  const rounded =
    sums && roundedFold(statistic, sums, { count: plan.count, labels: firstLabels(form, plan.source) }, plan.rows);
  const vectors = form.forms;
  const masks = conditionMasks(form);
  const batches = (rounded ? [] : batchesOf(plan.count)).map((batch) => ({
    forms: arrangeRows(vectors, plan, batch, precision),
    masks: arrangeRows(masks, { source: plan.source }, batch, precision),
  }));
  const maxima = new Float64Array(plan.count).fill(Number.NEGATIVE_INFINITY);
  const products = productsOf(precision);
  return {
    degreesOfFreedom: space.degreesOfFreedom,
    smallestP: smallestP(plan, options.tail),
    async add(means) {
      const width = means.length / plan.rows;
      if (!Number.isInteger(width))
        throw new RangeError(
          `a matrix of ${means.length} values does not have ${plan.rows} rows, one per prompt of the plan`,
        );
      const found = new Float64Array(width).fill(Number.NaN);
      const log10pUncorrected = new Float64Array(uncorrected ? width : 0).fill(Number.NaN);
      for (let from = 0; from < width; from += tileWidth) {
        const at = Uint32Array.from({ length: Math.min(tileWidth, width - from) }, (_, u) => from + u);
        const { residuals, tested } = nullResiduals(means, width, at, space);
        const tile = tested.length;
        if (tile === 0) continue;
        const observed = observedValues(form, residuals, tile);
        const own = Float64Array.from(tested, (_, u) => statistic.z(observed, 0, u));
        for (const [k, u] of tested.entries()) found[from + u] = own[k];
        const reached = new Float64Array(uncorrected ? tile : 0);
        if (rounded) for (const part of roundTiles(residuals, plan.rows, tile)) await rounded(part, maxima);
        else {
          const [plain, squared] = tilesOf(residuals, plan.rows, tile, precision);
          await products.each(batches, plain, squared, tile, (batch, values) => {
            statistic.foldMaxima(values, maxima, batch.from);
            if (uncorrected) countReached(values, own, reached);
          });
        }
        for (const [k, count] of reached.entries())
          log10pUncorrected[from + tested[k]] = log10Share(count, plan.count, plan.exhaustive);
        await wild?.add(residuals, tile);
      }
      return uncorrected ? { statistic: found, log10pUncorrected } : { statistic: found };
    },
    finish() {
      const ratio = wild?.ratio() ?? 1;
      const scaled = maxima.map((value) => (value > 0 ? value / ratio : value));
      return familywiseNull(
        scaled,
        scaled.map((value) =>
          raised(value, space.degreesOfFreedom, rounded || precision === 'float64' ? 1e-11 : 4e-7 * plan.rows),
        ),
        direction,
        plan.exhaustive,
      );
    },
  };

  /** Counts arrangements in which a unit is as extreme as with the true labels. */
  function countReached(values: FormValues, own: Float64Array, reached: Float64Array): void {
    const size = (z: number) => (direction === 'two' ? Math.abs(z) : direction === 'less' ? -z : z);
    for (let i = 0; i < values.rows; i++)
      for (let u = 0; u < values.width; u++)
        if (size(statistic.z(values, i, u)) >= size(own[u]) * (1 - 1e-6) - 1e-9) reached[u]++;
  }
}

/** A statistic raised by what rounding may have taken away from its share of the sum of squares. */
function raised(value: number, df: number, tolerance: number): number {
  if (!(value > 0) || value === Number.POSITIVE_INFINITY) return value;
  const share = (value * value) / (value * value + df) + tolerance;
  return share < 1 ? Math.max(value, Math.sqrt((df * share) / (1 - share))) : Number.POSITIVE_INFINITY;
}

/** The statistic of permuted residuals under the fitted model: what it takes off each condition's squares. */
function fittedForm(plan: PermutationPlan, space: TestSpace): StudentizedForm {
  const { interest, disturbed, fixed } = space;
  const model = conditionVariances({
    vectors: interest,
    basis: [...space.nuisance, ...interest],
    conditions: plan.conditions!,
  });
  const fitted = [...interest, ...disturbed];
  const inside = (vector: Float64Array, g: number) =>
    vector.map((value, b) => (model.conditionOf[b] === g ? value : 0));
  const parts = Array.from({ length: model.count }, (_, g) => fitted.map((vector) => inside(vector, g)));
  const forms = extendBasis(fixed, [...fitted, ...parts.flat()]);
  // |(y - W W'y)_g|^2 = |y_g|^2 - 2 sum_j (W_j . y) (W_jg . y) + sum_jl (W_j . y) (W_l . y) (W_jg . W_lg)
  return studentizedForm(model, forms, interest, (g) =>
    fitted.flatMap((vector, j) => [
      { a: vector, b: parts[g][j], factor: 2 },
      ...fitted.map((other, l) => ({
        a: vector,
        b: other,
        factor: -parts[g][j].reduce((sum, value, b) => sum + value * parts[g][l][b], 0),
      })),
    ]),
  );
}

/** Indicators of all conditions but the last. */
function conditionMasks({ model }: StudentizedForm): Float64Array[] {
  return Array.from({ length: model.count - 1 }, (_, g) =>
    Float64Array.from(model.conditionOf, (own) => (own === g ? 1 : 0)),
  );
}

/** Forms and squares under the true labels, in float64. */
function observedValues(form: StudentizedForm, residuals: Float64Array, tile: number): FormValues {
  const { forms, model } = form;
  const values = new Float64Array(forms.length * tile);
  for (const [j, vector] of forms.entries())
    for (let b = 0; b < vector.length; b++)
      for (let u = 0; u < tile; u++) values[j * tile + u] += vector[b] * residuals[b * tile + u];
  return { forms: values, squares: conditionSquares(model, residuals, tile), total: 1, rows: 1, width: tile };
}

/** Sums of squares of all conditions but the last, [(G - 1) x tile]. */
function conditionSquares(
  { conditionOf, count }: StudentizedForm['model'],
  residuals: Float64Array,
  tile: number,
): Float64Array {
  const squares = new Float64Array((count - 1) * tile);
  for (const [b, g] of conditionOf.entries())
    if (g < count - 1) for (let u = 0; u < tile; u++) squares[g * tile + u] += residuals[b * tile + u] ** 2;
  return squares;
}

function tilesOf(residuals: Float64Array, rows: number, tile: number, precision: Precision): [Tensor, Tensor] {
  const plain = numbersOf(precision, residuals.length);
  plain.set(residuals);
  return [
    tensorOf(plain, [rows, tile]),
    tensorOf(
      plain.map((value) => value * value),
      [rows, tile],
    ),
  ];
}

/** Forms and squares of a batch of arrangements. */
interface Batch {
  forms: ArrangedRows;
  masks: ArrangedRows;
}

/** Memory that grows to what is asked for, and is used again. */
function memoryOf(precision: Precision): (length: number) => Float32Array | Float64Array {
  let memory = numbersOf(precision, 0);
  return (length) => {
    if (memory.length < length) memory = numbersOf(precision, length);
    return memory.subarray(0, length);
  };
}

/** Multiplies batches one after the other, in memory that they share. */
function productsOf(precision: Precision) {
  const [forms, squares] = [memoryOf(precision), memoryOf(precision)];
  return {
    async each(
      batches: readonly Batch[],
      plain: Tensor,
      squared: Tensor,
      tile: number,
      look: (batch: ArrangedRows, values: FormValues) => void,
    ): Promise<void> {
      for (const batch of batches) {
        const out = {
          forms: forms((batch.forms.rows?.dims[0] ?? 0) * tile),
          squares: squares((batch.masks.rows?.dims[0] ?? 0) * tile),
        };
        if (batch.forms.rows) await multiplyRows(batch.forms.rows, plain, out.forms);
        if (batch.masks.rows) await multiplyRows(batch.masks.rows, squared, out.squares);
        look(batch.forms, { ...out, total: 1, rows: batch.forms.count, width: tile });
      }
    },
  };
}

/** Maxima of residuals whose signs are drawn, under the true labels and under permuted ones. */
function wildMaxima(
  { wild, rows }: PermutationPlan,
  { interest }: TestSpace,
  fitted: StudentizedForm,
  precision: Precision,
  direction: 'two' | 'greater' | 'less',
) {
  if (wild === undefined) return undefined;
  const form = wildForm(fitted.model, interest);
  const statistic = studentizedStatistic(form, direction);
  const { signs, source, count } = wild;
  const maxima = [0, 1].map(() => new Float64Array(count).fill(Number.NEGATIVE_INFINITY));
  const residualsOf = (nullResiduals: Float64Array, tile: number) => {
    const left = nullResiduals.slice();
    for (const vector of interest) subtractAlong(left, vector, tile);
    unitLength(left, tile);
    return left;
  };
  const ratio = () => wildRatio(maxima[1], maxima[0]);
  const sums = twoSums(form, []);
  if (sums) {
    const folds = [Uint8Array.from(form.model.conditionOf, (g) => (g === 0 ? 1 : 0)), firstLabels(form, source)].map(
      (labels) => roundedFold(statistic, sums, { count, labels, signs }, rows),
    );
    return {
      async add(residuals: Float64Array, tile: number): Promise<void> {
        for (const part of roundTiles(residualsOf(residuals, tile), rows, tile))
          for (const [world, fold] of folds.entries()) await fold(part, maxima[world]);
      },
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

/** Whether each row has the first condition's label, under each arrangement. */
function firstLabels({ model }: StudentizedForm, source: Int32Array): Uint8Array {
  const labels = new Uint8Array(source.length);
  for (let i = 0; i < labels.length; i++) labels[i] = model.conditionOf[source[i]] === 0 ? 1 : 0;
  return labels;
}

function unitLength(values: Float64Array, width: number): void {
  const squares = new Float64Array(width);
  for (let at = 0; at < values.length; at += width) for (let u = 0; u < width; u++) squares[u] += values[at + u] ** 2;
  for (let at = 0; at < values.length; at += width)
    for (let u = 0; u < width; u++) values[at + u] /= Math.sqrt(squares[u]) || 1;
}

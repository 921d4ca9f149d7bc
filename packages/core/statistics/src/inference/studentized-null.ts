import { conditionVariances } from '../spread/condition-variances.js';
import { componentsAlong, extendBasis, subtractAlong } from '../spread/orthonormal-basis.js';
import { arrangeRows, batchesOf } from './arranged-rows.js';
import { conditionMasks, firstLabels, observedValues } from './condition-sums.js';
import { extremenessOf, familywiseNull, log10Share } from './familywise-null.js';
import { productsOf, tilesOf } from './form-products.js';
import type { MaximumNull, MaximumNullOptions } from './maximum-null.js';
import type { PermutationPlan } from './permutation-plan.js';
import { roundedFold } from './rounded-fold.js';
import { tileRounder } from './rounded-tile.js';
import { smallestP } from './smallest-p.js';
import { type FormValues, type StudentizedForm, studentizedForm, studentizedStatistic } from './studentized-form.js';
import { type TestSpace, testSpace } from './test-space.js';
import { twoSums } from './two-sums.js';
import { type NullResiduals, nullResiduals, sumOfSquares } from './unit-residuals.js';
import { wildMaxima } from './wild-maxima.js';

/** Units taken at a time: products of a batch stay in the cache. */
const tileWidth = 1024;

/**
 * The permutation distribution of the largest studentized statistic, for plans whose rows have conditions: Welch's t (or
 * F), each condition having a variance of its own. Relabelling a studentized statistic is exact where prompts are exchangeable,
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
  const sums = uncorrected || space.fixed.length === 0 ? undefined : twoSums(form, space.fixed);
  const rounded = sums && roundedFold(statistic, sums, firstLabels(form, plan.source), plan.rows);
  const roundTiles = tileRounder(plan.rows);
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
    gathered: [maxima, ...(wild?.maxima ?? [])],
    smallestP: smallestP(plan, options.tail),
    async add(means) {
      const width = means.length / plan.rows;
      if (!Number.isInteger(width))
        throw new RangeError(
          `a matrix of ${means.length} values does not have ${plan.rows} rows, one per prompt of the plan`,
        );
      const found = new Float64Array(width).fill(Number.NaN);
      const df = new Float64Array(width).fill(Number.NaN);
      const log10pUncorrected = new Float64Array(uncorrected ? width : 0).fill(Number.NaN);
      for (let from = 0; from < width; from += tileWidth) {
        const at = Uint32Array.from({ length: Math.min(tileWidth, width - from) }, (_, u) => from + u);
        const { residuals, tested } = variedResiduals(nullResiduals(means, width, at, space), space);
        const tile = tested.length;
        if (tile === 0) continue;
        const observed = observedValues(form, residuals, tile);
        const own = Float64Array.from(tested, (_, u) => statistic.of(observed, 0, u));
        for (const [k, u] of tested.entries()) {
          found[from + u] = own[k];
          df[from + u] = statistic.df(observed, 0, k);
        }
        const reached = new Float64Array(uncorrected ? tile : 0);
        if (rounded) for (const part of roundTiles(residuals, tile)) await rounded(part, maxima);
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
      return { statistic: found, df, ...(uncorrected && { log10pUncorrected }) };
    },
    finish() {
      const ratio = wild?.ratio() ?? 1;
      const scaled = maxima.map((value) => (value > 0 ? value / ratio : value));
      const found = familywiseNull(
        scaled,
        scaled.map((value) =>
          raised(
            value,
            plan.columns,
            space.degreesOfFreedom,
            rounded || precision === 'float64' ? 1e-11 : 4e-7 * plan.rows,
          ),
        ),
        direction,
        plan.exhaustive,
      );
      return wild ? { ...found, wildRatio: ratio } : found;
    },
  };

  /** Counts arrangements in which a unit is as extreme as with the true labels. */
  function countReached(values: FormValues, own: Float64Array, reached: Float64Array): void {
    const size = extremenessOf(direction);
    for (let i = 0; i < values.rows; i++)
      for (let u = 0; u < values.width; u++)
        if (size(statistic.of(values, i, u)) >= size(own[u]) * (1 - 1e-6) - 1e-9) reached[u]++;
  }
}

/** A statistic (t, or F of k effects) raised by what rounding may have taken away from its share of the sum of squares. */
function raised(value: number, k: number, df: number, tolerance: number): number {
  if (!(value > 0) || value === Number.POSITIVE_INFINITY) return value;
  const square = k === 1 ? value * value : value * k;
  const share = square / (square + df) + tolerance;
  if (share >= 1) return Number.POSITIVE_INFINITY;
  const more = (df * share) / (1 - share);
  return Math.max(value, k === 1 ? Math.sqrt(more) : more / k);
}

/** Those units whose residuals are no rounding once the tested regressors are taken off too: the others have no statistic. */
function variedResiduals({ residuals, tested }: NullResiduals, { interest, rows }: TestSpace): NullResiduals {
  const width = tested.length;
  const left = new Float64Array(width).fill(1);
  for (const vector of interest)
    for (const [u, along] of componentsAlong(residuals, vector, width).entries()) left[u] -= along * along;
  // Of what is left a difference tells little where it is small.
  if (left.every((share) => share > 1e-9)) return { residuals, tested };
  const untested = residuals.slice();
  for (const vector of interest) subtractAlong(untested, vector, width);
  const squares = sumOfSquares(untested, width);
  const kept = Uint32Array.from(tested.keys()).filter((k) => squares[k] > 1e-22);
  if (kept.length === width) return { residuals, tested };
  const some = new Float64Array(rows * kept.length);
  for (let b = 0; b < rows; b++)
    for (const [to, from] of kept.entries()) some[b * kept.length + to] = residuals[b * width + from];
  return { residuals: some, tested: kept.map((k) => tested[k]) };
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

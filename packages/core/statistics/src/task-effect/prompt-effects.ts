import { conditionVariances, effectCovariance } from '../spread/condition-variances.js';
import { extendBasis } from '../spread/orthonormal-basis.js';
import { type CellSums, cellSums } from './cell-sums.js';
import type { VarianceRule } from './effect-model.js';

/** Prompts that a task effect is estimated from, runs of any numbers of prompts. */
export interface EffectPrompts {
  /** Rows of the table of activity. */
  readonly rows: ArrayLike<number>;
  /** For each of them its run. */
  readonly run: ArrayLike<number>;
  /** For each of them 1 (task) or 0 (rest). */
  readonly isTask: ArrayLike<number>;
}

/** Prompts of one run and condition. */
export interface EffectCell {
  /** By any number. */
  readonly run: number;
  /** 1 (task) or 0 (rest). */
  readonly isTask: number;
  readonly sums: CellSums;
}

/** What units show of a task; arrays have a value for each unit, NaN for one that does not vary. */
export interface PromptEffects {
  /** Task minus rest. */
  effect: Float64Array;
  /** Sampling variance of the effect, and its degrees of freedom. */
  variance: Float64Array;
  df: Float64Array;
  /** Cohen's d. */
  d: Float64Array;
  /** Between these lie all degrees of freedom. */
  leastFreedom: number;
  mostFreedom: number;
}

/**
 * Least squares of run intercepts and one task effect, as `effectModel` has it, where runs do not all have as many prompts.
 *
 * @param values [prompts x units] row-major
 * @throws RangeError where no run has both task and rest prompts, or none is left to tell the spread
 */
export function promptEffects(
  values: Float32Array | Float64Array,
  units: number,
  { rows, run, isTask }: EffectPrompts,
  rule: VarianceRule,
): PromptEffects {
  const cells = new Map<string, { run: number; isTask: number; rows: number[] }>();
  for (let b = 0; b < rows.length; b++) {
    const name = `${run[b]} ${isTask[b]}`;
    const cell = cells.get(name) ?? { run: run[b], isTask: isTask[b], rows: [] };
    cells.set(name, cell);
    cell.rows.push(rows[b]);
  }
  return cellEffects(
    [...cells.values()].map((cell) => ({ ...cell, sums: cellSums(values, units, cell.rows) })),
    rule,
  );
}

/**
 * The same from sums over the prompts of each run and condition: the model gives all prompts of a cell one value, so that their sum of
 * squares about it is that about their mean and what the mean is off.
 *
 * @param cells a run's two at most, in any order
 * @throws RangeError as promptEffects
 */
export function cellEffects(cells: readonly EffectCell[], rule: VarianceRule): PromptEffects {
  const runs = [...new Set(cells.map(({ run }) => run))];
  const cellOf = cells.flatMap(({ sums }, c) => Array.from({ length: sums.count }, () => c));
  const B = cellOf.length;
  const intercepts = extendBasis(
    [],
    runs.map((own) => Float64Array.from(cellOf, (c) => (cells[c].run === own ? 1 : 0))),
  );
  const label = Float64Array.from(cellOf, (c) => cells[c].isTask);
  const [regressor] = extendBasis(intercepts, [label]);
  const mostFreedom = B - runs.length - 1;
  if (!regressor || mostFreedom < 1)
    throw new RangeError(`${B} prompts in ${runs.length} runs do not tell a task's effect and its spread.`);
  const length = regressor.reduce((sum, value, b) => sum + value * label[b], 0);
  const model = conditionVariances({
    vectors: [regressor.map((value) => value / length)],
    basis: [...intercepts, regressor],
    conditions: Int32Array.from(cellOf, (c) => (rule === 'separate' ? cells[c].isTask : 0)),
  });
  const estimate = effectCovariance(model);
  const units = cells[0].sums.mean.length;
  const along = new Float64Array(units);
  const means = new Float64Array(runs.length * units);
  const parts = cells.map(({ run, sums }, c) => {
    const b = cellOf.indexOf(c);
    const prompts = cells.reduce((sum, other) => sum + (other.run === run ? other.sums.count : 0), 0);
    return {
      ...{ sums, weight: regressor[b], condition: model.conditionOf[b] },
      ...{ share: sums.count / prompts, from: runs.indexOf(run) * units },
    };
  });
  for (const { sums, weight, share, from } of parts) {
    const counted = weight * sums.count;
    for (let u = 0; u < units; u++) {
      along[u] += counted * sums.mean[u];
      means[from + u] += share * sums.mean[u];
    }
  }
  const squares = new Float64Array(model.count * units);
  const size = new Float64Array(units);
  for (const { sums, weight, from, condition } of parts)
    for (let u = 0, to = condition * units; u < units; u++, to++) {
      const [mean, about] = [sums.mean[u], sums.squares[u]];
      const off = mean - means[from + u] - weight * along[u];
      squares[to] += about + sums.count * off * off;
      size[u] += about + sums.count * mean * mean;
    }
  const found: PromptEffects = {
    effect: new Float64Array(units).fill(Number.NaN),
    variance: new Float64Array(units).fill(Number.NaN),
    df: new Float64Array(units).fill(Number.NaN),
    d: new Float64Array(units).fill(Number.NaN),
    leastFreedom: model.freedom.reduce((least, own) => Math.min(least, own), mostFreedom),
    mostFreedom,
  };
  const own = new Float64Array(model.count);
  for (let u = 0; u < units; u++) {
    let residual = 0;
    for (let g = 0; g < model.count; g++) {
      own[g] = squares[g * units + u];
      residual += own[g];
    }
    // Less is rounding of the values themselves.
    if (!(residual > 1e-24 * size[u])) continue;
    const { covariance, df } = estimate(own);
    found.effect[u] = along[u] / length;
    found.variance[u] = covariance[0];
    found.df[u] = df;
    found.d[u] = found.effect[u] / Math.sqrt(residual / mostFreedom);
  }
  return found;
}

import { conditionVariances, effectCovariance } from '../spread/condition-variances.js';
import { extendBasis } from '../spread/orthonormal-basis.js';
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
  const B = rows.length;
  const names = [...new Set(Array.from(run))];
  const place = Int32Array.from(run, (name) => names.indexOf(name));
  const intercepts = extendBasis(
    [],
    names.map((_, r) => Float64Array.from(place, (own) => (own === r ? 1 : 0))),
  );
  const label = Float64Array.from(isTask);
  const [regressor] = extendBasis(intercepts, [label]);
  const mostFreedom = B - names.length - 1;
  if (!regressor || mostFreedom < 1)
    throw new RangeError(`${B} prompts in ${names.length} runs do not tell a task's effect and its spread.`);
  const length = regressor.reduce((sum, value, b) => sum + value * label[b], 0);
  const model = conditionVariances({
    vectors: [regressor.map((value) => value / length)],
    basis: [...intercepts, regressor],
    conditions: Int32Array.from(isTask, (own) => (rule === 'separate' ? own : 0)),
  });
  const estimate = effectCovariance(model);
  const along = new Float64Array(units);
  const means = new Float64Array(names.length * units);
  const counts = names.map((_, r) => place.reduce((sum, own) => sum + (own === r ? 1 : 0), 0));
  for (let b = 0; b < B; b++) {
    const [weight, share, to] = [regressor[b], 1 / counts[place[b]], place[b] * units];
    for (let u = 0, at = rows[b] * units; u < units; u++, at++) {
      along[u] += weight * values[at];
      means[to + u] += share * values[at];
    }
  }
  const squares = new Float64Array(model.count * units);
  const size = new Float64Array(units);
  for (let b = 0; b < B; b++) {
    const [weight, from, to] = [regressor[b], place[b] * units, model.conditionOf[b] * units];
    for (let u = 0, at = rows[b] * units; u < units; u++, at++) {
      const left = values[at] - means[from + u] - weight * along[u];
      squares[to + u] += left * left;
      size[u] += values[at] * values[at];
    }
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

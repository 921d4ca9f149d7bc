import { conditionVariances, effectCovariance } from '../spread/condition-variances.js';
import { extendBasis } from '../spread/orthonormal-basis.js';
import type { VarianceRule } from '../task-effect/effect-model.js';

/** Some prompts of a larger matrix, in runs of their own sizes, of which some are on and the others off. */
export interface PromptSelection {
  /** Rows of the matrix, [B], run after run. */
  rows: Int32Array;
  /** Run of each, [B]: whole numbers, equal ones together. */
  runs: Int32Array;
  /** 1 (on) or 0 (off), [B]. Every run has both. */
  isOn: Uint8Array;
}

/** Values of selected prompts about their run's mean. */
export interface LevelledPrompts {
  /** [B x units] */
  values: Float64Array;
  /** Sum of squares over prompts, [units]. */
  total: Float64Array;
}

/** A contrast of selected prompts that is prepared before any activation is read. */
export interface PromptContrast {
  /** The effect is the sum over prompts that are on, about their run's mean, divided by it. */
  length: number;
  /** What an effect of 1 takes off the squares of prompts that are on, and of those that are off. */
  loss: readonly [on: number, off: number];
  /** The variance of the effect is no less than the residual squares of prompts that are on and off, times these. */
  weights: readonly [on: number, off: number];
  /** Most degrees of freedom of that variance. */
  mostFreedom: number;
  /**
   * @param means of all prompts, [prompts x units], of which units `from` to before `until` are taken
   * @param into what an earlier call gave, whose memory is used again where it has the size
   */
  level(
    means: Float32Array | Float64Array,
    units: number,
    from?: number,
    until?: number,
    into?: LevelledPrompts,
  ): LevelledPrompts;
  /**
   * @param labels 1 (on) or 0 for each selected prompt, in each run as many as there are; default the true ones
   * @param least |t| that matters: a unit that is surely below it is said to have t 0, which saves time. Default 0
   */
  evaluate(prompts: LevelledPrompts, labels?: Uint8Array, least?: number): PromptContrastStatistics;
}

/** What some units show of the contrast, each [units]; overwritten by the next call. NaN for a unit without variation. */
export interface PromptContrastStatistics {
  t: Float64Array;
  df: Float64Array;
  /** The effect in residual standard deviations of a prompt (one for on and off). */
  d: Float64Array;
}

/**
 * On minus off of selected prompts with an intercept for each run, as the noise model `prompt` fits it: with `separate` variances
 * Welch's t (`conditionVariances`). Degrees of freedom and weights depend on how many of each run's prompts are on, so any
 * relabelling within runs can be had without preparing anew.
 */
export function promptContrast({ rows, runs, isOn }: PromptSelection, rule: VarianceRule): PromptContrast {
  const B = rows.length;
  const names = [...new Set(runs)];
  const runOf = runs.map((run) => names.indexOf(run));
  const size = new Float64Array(names.length);
  const on = new Float64Array(names.length);
  for (let b = 0; b < B; b++) {
    size[runOf[b]]++;
    on[runOf[b]] += isOn[b];
  }
  const promptsOfRun = names.map((_, r) => [...runOf.keys()].filter((b) => runOf[b] === r));
  const share = on.map((count, r) => count / size[r]);
  const regressor = Float64Array.from(isOn, (label, b) => label - share[runOf[b]]);
  let [length, onLoss, offLoss] = [0, 0, 0];
  for (let r = 0; r < size.length; r++) {
    length += on[r] * (1 - share[r]);
    onLoss += on[r] * (1 - share[r]) ** 2;
    offLoss += (size[r] - on[r]) * share[r] ** 2;
  }
  const mostFreedom = B - names.length - 1;
  const intercepts = names.map((_, r) => Float64Array.from(runOf, (own) => (own === r ? 1 : 0)));
  const model = conditionVariances({
    vectors: [regressor.map((value) => value / length)],
    basis: extendBasis([], [...intercepts, regressor]),
    conditions: Int32Array.from(isOn),
  });
  const separate = rule === 'separate' && model.count === 2;
  const estimate = effectCovariance(model);
  const first = model.conditionOf[isOn.indexOf(1)];
  const squares = new Float64Array(2);
  let found: PromptContrastStatistics = { t: new Float64Array(0), df: new Float64Array(0), d: new Float64Array(0) };
  // The variance is no less than this of the squares.
  const weight = (h: number) => [0, 1].reduce((sum, g) => sum + model.unbiased[2 * g + h] * model.shares[g][0], 0);
  const pooled = 1 / mostFreedom / length;
  const [onWeight, offWeight] = separate ? [weight(first), weight(1 - first)] : [pooled, pooled];
  const sumOf = memory();
  const weightedOf = memory();
  const onSquaresOf = memory();
  return {
    length,
    loss: [onLoss, offLoss],
    weights: [onWeight, offWeight],
    mostFreedom,
    level(means, stride, start = 0, until = stride, into) {
      const units = until - start;
      const fits = into?.total.length === units && into.values.length === B * units;
      const { values, total } = fits ? into : { values: new Float64Array(B * units), total: new Float64Array(units) };
      total.fill(0);
      const mean = new Float64Array(units);
      for (const [r, own] of promptsOfRun.entries()) {
        mean.fill(0);
        for (const b of own) addRow(means, rows[b] * stride + start, mean);
        for (let u = 0; u < units; u++) mean[u] /= size[r];
        for (const b of own) levelRow(means, rows[b] * stride + start, mean, values, b * units, total);
      }
      return { values, total };
    },
    evaluate({ values, total }, labels = isOn, least = 0) {
      const units = total.length;
      if (found.t.length !== units)
        found = { t: new Float64Array(units), df: new Float64Array(units), d: new Float64Array(units) };
      // Sums over prompts that are on, plain and times the regressor, and squares; those that are off have the rest.
      const [sum, weighted, onSquares] = [sumOf(units), weightedOf(units), onSquaresOf(units)];
      for (let b = 0; b < B; b++)
        if (labels[b]) addLabelled(values, b * units, 1 - share[runOf[b]], sum, weighted, onSquares);
      const { t, df, d } = found;
      for (let u = 0; u < units; u++) {
        const effect = sum[u] / length;
        const onLeft = onSquares[u] - 2 * effect * weighted[u] + effect * effect * onLoss;
        const offLeft = total[u] - onSquares[u] - 2 * effect * (sum[u] - weighted[u]) + effect * effect * offLoss;
        const onSize = onLeft > 0 ? onLeft : 0;
        const offSize = offLeft > 0 ? offLeft : 0;
        const residual = onSize + offSize;
        // Less than this is rounding of the sums.
        if (!(residual > 1e-12 * total[u])) {
          t[u] = df[u] = d[u] = Number.NaN;
          continue;
        }
        d[u] = effect / Math.sqrt(residual / mostFreedom);
        if (effect * effect < least * least * (onWeight * onSize + offWeight * offSize)) {
          t[u] = 0;
          continue;
        }
        if (separate) {
          squares[first] = onSize;
          squares[1 - first] = offSize;
          const { covariance, df: own } = estimate(squares);
          t[u] = effect / Math.sqrt(covariance[0]);
          df[u] = own;
        } else {
          t[u] = effect / Math.sqrt(residual / mostFreedom / length);
          df[u] = mostFreedom;
        }
      }
      return found;
    },
  };
}

// Inner loops stand alone, so that the compiler knows all that they touch.

function addRow(means: Float32Array | Float64Array, from: number, sum: Float64Array): void {
  for (let u = 0, at = from; u < sum.length; u++, at++) sum[u] += means[at];
}

function levelRow(
  means: Float32Array | Float64Array,
  from: number,
  mean: Float64Array,
  values: Float64Array,
  to: number,
  total: Float64Array,
): void {
  for (let u = 0, at = from; u < mean.length; u++, at++, to++) {
    const value = means[at] - mean[u];
    values[to] = value;
    total[u] += value * value;
  }
}

function addLabelled(
  values: Float64Array,
  from: number,
  weight: number,
  sum: Float64Array,
  weighted: Float64Array,
  squares: Float64Array,
): void {
  for (let u = 0, at = from; u < sum.length; u++, at++) {
    const value = values[at];
    sum[u] += value;
    weighted[u] += weight * value;
    squares[u] += value * value;
  }
}

/** Zeros of a length, in memory that is used again. */
function memory(): (length: number) => Float64Array {
  let own = new Float64Array(0);
  return (length) => {
    if (own.length === length) own.fill(0);
    else own = new Float64Array(length);
    return own;
  };
}

import { type EffectModel, sizeOfDeviate, type UnitEffect } from './effect-model.js';
import type { RunSums } from './run-sums.js';

/** The task effect over several runs, NaN for a unit without variation. */
export interface TaskEffect {
  /** Task minus rest, [units]. */
  effect: Float64Array;
  t: Float64Array;
  /** Degrees of freedom, [units]. */
  df: Float64Array;
  /** Cohen's d, [units]. */
  d: Float64Array;
}

/**
 * Fits run intercepts and one task effect to several runs: identical to the noise model `prompt` on their stacked prompts
 * (prompts of equal length).
 *
 * @param runs all of the model's design
 * @example
 * const model = effectModel({ task: 2, rest: 2, runs: 1 }, 'pooled');
 * taskEffect(model, [runSums(Float64Array.of(3, 5, 1, 2), 1, [1, 1, 0, 0])]) // { t: [2.2361], df: [2] }
 */
export function taskEffect(model: EffectModel, runs: readonly RunSums[]): TaskEffect {
  const units = runs[0].sum.length;
  const [effect, t, df, d] = Array.from({ length: 4 }, () => new Float64Array(units).fill(Number.NaN));
  const found: UnitEffect = { effect: 0, variance: 0, df: 0, d: 0 };
  for (let u = 0; u < units; u++) {
    let [sum, task, rest] = [0, 0, 0];
    for (const run of runs) {
      sum += run.sum[u];
      task += run.taskSquares[u];
      rest += run.restSquares[u];
    }
    if (!model.estimate(sum, task, rest, found)) continue;
    effect[u] = found.effect;
    t[u] = found.effect / Math.sqrt(found.variance);
    df[u] = found.df;
    d[u] = found.d;
  }
  return { effect, t, df, d };
}

/** The normal deviates with the tails of t, [units], NaN where t is: they take several times as long as t. */
export function taskDeviates({ t, df }: Pick<TaskEffect, 't' | 'df'>): Float64Array {
  return t.map((own, u) => (Number.isNaN(own) ? own : Math.sign(own) * sizeOfDeviate(own, df[u])));
}

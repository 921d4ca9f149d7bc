import { cellSums } from './cell-sums.js';
import { cellTest, type EffectCell } from './cell-test.js';
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

/** The same from sums over the prompts of each run and condition. @throws RangeError as promptEffects */
export function cellEffects(cells: readonly EffectCell[], rule: VarianceRule): PromptEffects {
  const { leastFreedom, mostFreedom, eachBeyond } = cellTest(cells, rule);
  const [effect, variance, df, d] = [0, 1, 2, 3].map(() =>
    new Float64Array(cells[0].sums.mean.length).fill(Number.NaN),
  );
  eachBeyond(0, (unit, found) => {
    effect[unit] = found.effect;
    variance[unit] = found.variance;
    df[unit] = found.df;
    d[unit] = found.d;
  });
  return { effect, variance, df, d, leastFreedom, mostFreedom };
}

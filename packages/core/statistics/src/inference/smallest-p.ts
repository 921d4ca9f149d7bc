import { conditionVariances } from '../spread/condition-variances.js';
import type { Tail } from './familywise-null.js';
import type { PermutationPlan } from './permutation-plan.js';
import { testSpace } from './test-space.js';

/**
 * The least p that a plan can give, whatever the data: that of units which follow the tested regressors without any error.
 *
 * Permutations (or flips) that turn the tested regressors, nuisance taken out, into themselves or their mirror image have the
 * observed statistic in every unit, so p never leaves them behind: n sessions have 2^n flips, but no two-sided p below 2 / 2^n;
 * a run of four prompts, two of the task, has 6 relabellings and no two-sided p below 2 / 6.
 *
 * @param tail as in the test, default 'two'; F takes none
 * @throws UserMistake when the tested regressors cannot be told apart from the nuisance regressors
 * @example smallestP(planPermutations({ labels: [1, 1, 0, 0], runs: new Int32Array(4), count: 1000, seed: 1 })) // 0.3333
 * @example smallestP(planSignFlips({ rows: 6, count: 1000, seed: 1 })) // 0.03125
 */
export function smallestP(plan: PermutationPlan, tail: Tail = 'two'): number {
  const { interest, nuisance } = testSpace(plan);
  const conditions =
    plan.conditions &&
    conditionVariances({ vectors: interest, basis: [...nuisance, ...interest], conditions: plan.conditions })
      .conditionOf;
  let tied = 0;
  for (let i = 0; i < plan.count; i++) if (returnsTested({ ...plan, conditions }, interest, i, tail)) tied++;
  return plan.exhaustive ? tied / plan.count : (tied + 1) / (plan.count + 1);
}

/**
 * Whether permutation i leaves the space of the tested regressors (orthonormal, [columns x B]) as it is; for a one-sided test, where
 * the direction counts too, the regressor itself.
 */
function returnsTested(plan: PermutationPlan, tested: readonly Float64Array[], i: number, tail: Tail): boolean {
  if (plan.conditions && !keepsConditions(plan.conditions, plan.source.subarray(i * plan.rows, (i + 1) * plan.rows)))
    return false;
  let shared = 0;
  for (const vector of tested)
    for (const other of tested) {
      let product = 0;
      for (let b = 0, at = i * plan.rows; b < plan.rows; b++, at++)
        product += other[b] * vector[plan.source[at]] * (plan.signs?.[at] ?? 1);
      if (tail !== 'two' && tested.length === 1 && product < 0) return false;
      shared += product * product;
    }
  // Shares of squares this close are tied in the test too (permutedProduct's tolerance in float64).
  return shared > tested.length - 2e-11;
}

/** Whether all rows of a condition get the labels of one condition, so that a variance for each is a variance for each again. */
function keepsConditions(conditions: Int32Array, source: Int32Array): boolean {
  const given = new Map<number, number>();
  return conditions.every((condition, b) => {
    const label = conditions[source[b]];
    if (!given.has(condition)) given.set(condition, label);
    return given.get(condition) === label;
  });
}

import { UserMistake } from '@galvani/terminal';
import { columnsOf, extendBasis, norm } from '../spread/orthonormal-basis.js';
import type { PermutationPlan } from './permutation-plan.js';

/**
 * The geometry of one test: orthonormal bases of the nuisance space and of what the tested regressors add to it.
 */
export interface TestSpace {
  readonly rows: number;
  /** Orthonormal basis of the nuisance space, each vector [B]. */
  readonly nuisance: Float64Array[];
  /** Orthonormal basis of the tested regressors after removing the nuisance space, each [B]. */
  readonly interest: Float64Array[];
  /**
   * The part of the nuisance space that permuted residuals may have a component in: what is left of it after vectors
   * that are constant inside a run and 0 elsewhere, which no permutation inside runs moves. Empty for run intercepts.
   */
  readonly disturbed: Float64Array[];
  /** The vectors that no permutation moves, of unit length. */
  readonly fixed: Float64Array[];
  /** Residual degrees of freedom. */
  readonly degreesOfFreedom: number;
}

/** @throws UserMistake when the tested regressors are in the nuisance space, or no degree of freedom is left. */
export function testSpace(plan: PermutationPlan): TestSpace {
  const { rows, columns } = plan;
  const nuisance = extendBasis([], columnsOf(plan.nuisance, rows));
  const interest = extendBasis(nuisance, columnsOf(plan.interest, rows));
  if (interest.length < columns)
    throw new UserMistake(
      `Only ${interest.length} of ${columns} tested regressors can be told apart from the nuisance regressors (run intercepts among them): the contrast cannot be estimated.`,
    );
  const degreesOfFreedom = rows - nuisance.length - interest.length;
  if (degreesOfFreedom < 1)
    throw new UserMistake(
      `${rows} rows leave no degree of freedom after ${nuisance.length + interest.length} regressors: more prompts are needed.`,
    );
  const fixed = plan.signs ? [] : runVectorsInside(plan.runs, nuisance);
  return { rows, nuisance, interest, disturbed: extendBasis(fixed, nuisance), fixed, degreesOfFreedom };
}

/** Unit vectors that are constant on one run and 0 elsewhere, of those runs whose vector lies in the nuisance space. */
function runVectorsInside(runs: Int32Array, nuisance: Float64Array[]): Float64Array[] {
  return [...new Set(runs)].flatMap((name) => {
    const indicator = Float64Array.from(runs, (run) => (run === name ? 1 : 0));
    const length = norm(indicator);
    const vector = indicator.map((value) => value / length);
    return extendBasis(nuisance, [vector]).length === 0 ? [vector] : [];
  });
}

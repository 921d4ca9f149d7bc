import { UserMistake } from '@galvani/terminal';
import type { PermutationPlan } from './permutation-plan.js';

/**
 * The geometry of one test: orthonormal bases, in rows scaled by the square roots of the weights, of the nuisance space
 * and of what the tested regressors add to it.
 */
export interface TestSpace {
  readonly rows: number;
  /** Square root of each row's weight. */
  readonly scale: Float64Array;
  /** Orthonormal basis of the nuisance space, each vector [B]. */
  readonly nuisance: Float64Array[];
  /** Orthonormal basis of the tested regressors after removing the nuisance space, each [B]. */
  readonly interest: Float64Array[];
  /**
   * The part of the nuisance space that permuted residuals may have a component in: what is left of it after vectors
   * that are constant inside a run and 0 elsewhere, which no permutation inside runs moves. Empty for run intercepts.
   */
  readonly disturbed: Float64Array[];
  /** Residual degrees of freedom. */
  readonly degreesOfFreedom: number;
}

/** @throws UserMistake when the tested regressors are in the nuisance space, or no degree of freedom is left. */
export function testSpace(plan: PermutationPlan): TestSpace {
  const { rows, columns } = plan;
  const scale = plan.weights.map(Math.sqrt);
  const nuisance = extendBasis([], scaledColumns(plan.nuisance, scale));
  const interest = extendBasis(nuisance, scaledColumns(plan.interest, scale));
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
  return { rows, scale, nuisance, interest, disturbed: extendBasis(fixed, nuisance), degreesOfFreedom };
}

function scaledColumns(matrix: Float64Array, scale: Float64Array): Float64Array[] {
  const rows = scale.length;
  const width = matrix.length / rows;
  return Array.from({ length: width }, (_, j) => scale.map((factor, b) => factor * matrix[b * width + j]));
}

/** Orthonormal vectors that span what `columns` add to `basis` (Gram and Schmidt, twice; relative tolerance 1e-9). */
function extendBasis(basis: readonly Float64Array[], columns: readonly Float64Array[]): Float64Array[] {
  const added: Float64Array[] = [];
  for (const column of columns) {
    const rest = column.slice();
    const length = norm(column);
    for (let pass = 0; pass < 2; pass++)
      for (const vector of [...basis, ...added]) {
        const along = dot(vector, rest);
        for (let b = 0; b < rest.length; b++) rest[b] -= along * vector[b];
      }
    const left = norm(rest);
    if (length > 0 && left > 1e-9 * length) added.push(rest.map((value) => value / left));
  }
  return added;
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

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function norm(a: Float64Array): number {
  return Math.sqrt(dot(a, a));
}

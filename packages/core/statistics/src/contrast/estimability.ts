import { listed, UserMistake } from '@galvani/terminal';
import { type DesignMatrix, type DesignSpace, designSpace } from '../design-matrix.js';

/**
 * Why a contrast cannot be estimated from a design, or undefined where it can: it must not change when columns are
 * traded for others that add up to the same.
 *
 * @param weights one vector of columns, or several (all must be estimable)
 * @example
 * const twice = designOf({ a: [1, 1, 0], b: [0, 0, 1], both: [1, 1, 1] });
 * checkEstimable([1, -1, 0], twice) // undefined
 * checkEstimable([1, 0, 0], twice) // "columns 'a', 'b' and 'both' are collinear, so their effects cannot be told apart"
 */
export function checkEstimable(
  weights: ArrayLike<number> | readonly ArrayLike<number>[],
  design: DesignMatrix,
  space: DesignSpace = designSpace(design),
): string | undefined {
  const vectors = isVectorList(weights) ? weights : [weights];
  for (const vector of vectors) {
    if (vector.length !== design.columns) {
      return `the contrast has ${vector.length} weights and the design ${design.columns} columns`;
    }
    for (const nothing of space.nullSpace) {
      let sum = 0;
      let size = 0;
      for (let j = 0; j < design.columns; j++) {
        sum += vector[j] * nothing[j];
        size += Math.abs(vector[j] * nothing[j]);
      }
      if (Math.abs(sum) > 1e-9 * size) return describe(nothing, design.names);
    }
  }
  return undefined;
}

/** Throws the reason as a person's mistake where a contrast cannot be estimated. */
export function requireEstimable(
  weights: readonly ArrayLike<number>[],
  design: DesignMatrix,
  space: DesignSpace,
  name = 'this contrast',
): void {
  const reason = checkEstimable(weights, design, space);
  if (reason !== undefined) throw new UserMistake(`The design cannot estimate ${name}: ${reason}.`);
}

function isVectorList(
  weights: ArrayLike<number> | readonly ArrayLike<number>[],
): weights is readonly ArrayLike<number>[] {
  return weights.length > 0 && typeof weights[0] !== 'number';
}

function describe(nothing: Float64Array, names: readonly string[]): string {
  const involved = names.filter((_, j) => nothing[j] !== 0);
  if (involved.length === 1) return `column '${involved[0]}' is zero in every observation`;
  return `columns ${listed(involved.map((name) => `'${name}'`))} are collinear, so their effects cannot be told apart`;
}

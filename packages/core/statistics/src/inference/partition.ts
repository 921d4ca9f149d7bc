import { pseudoInverse } from '@galvani/numerics';
import { Matrix } from 'ml-matrix';

/** A design split into what a contrast tests and what is nuisance to it. */
export interface PartitionedDesign {
  /**
   * [B x k] row-major: the fit's coefficients on these are the contrast's effects, each times a power of two where its weights are
   * very large or small.
   */
  readonly interest: Float64Array;
  /** Number of tested columns k, the rank of the contrast. */
  readonly columns: number;
  /** [B x q] row-major: the rest of the design's column space. */
  readonly nuisance: Float64Array;
}

/**
 * Splits a design matrix for a contrast, so that the same model can be tested by permutation: with D the pseudo-inverse of
 * X'X, the tested part is X D C' (C D C')^-1 and the nuisance part is X restricted to coefficients with C b = 0.
 * Beckmann, C., Jenkinson, M. & Smith, S. (2001); Winkler, A. et al. (2014). NeuroImage 92, 381-397, appendix A.
 *
 * @param design [rows x p] row-major
 * @param contrast [k x p] row-major, rows independent and estimable
 * @example
 * // Task a minus task b, with their common effect as nuisance.
 * partitionDesign(Float64Array.of(1, 0, 1, 0, 0, 1, 0, 1), 4, Float64Array.of(1, -1)).interest // [0.5, 0.5, -0.5, -0.5]
 */
export function partitionDesign(design: Float64Array, rows: number, contrast: Float64Array): PartitionedDesign {
  const p = design.length / rows;
  const k = contrast.length / p;
  if (!Number.isInteger(p) || !Number.isInteger(k) || k < 1)
    throw new RangeError(
      `a design of ${design.length} values in ${rows} rows and a contrast of ${contrast.length} do not fit`,
    );
  const { X, C } = inComparableUnits(Matrix.from1DArray(rows, p, design), Matrix.from1DArray(k, p, contrast));
  // With A the pseudo-inverse of X, D = A A' and X D C' = (C A)'.
  const CA = C.mmul(inverse(X));
  const interest = CA.transpose().mmul(inverse(CA.mmul(CA.transpose())));
  // I minus the projection on C's rows keeps coefficients with C b = 0; its image under X is the model under the null.
  const tested = inverse(C).mmul(C);
  return {
    interest: Float64Array.from(interest.to1DArray()),
    columns: k,
    nuisance: withoutTested(X, tested),
  };
}

/** Sizes up to which columns are left in their own units; tolerances of what follows are relative to the largest. */
const comparable = 128;

/**
 * The same model and contrast with columns in other units, where theirs make them very large or small beside others: neither is what
 * a contrast tests changed by units, nor by a factor of its weights. Factors are powers of two, so that nothing is rounded.
 */
function inComparableUnits(X: Matrix, C: Matrix): { X: Matrix; C: Matrix } {
  const columns = Array.from({ length: X.columns }, (_, j) => unitFactor(X.getColumn(j)));
  for (const [j, factor] of columns.entries())
    if (factor !== 1) {
      X.mulColumn(j, factor);
      C.mulColumn(j, factor);
    }
  for (let i = 0; i < C.rows; i++) {
    const factor = unitFactor(C.getRow(i));
    if (factor !== 1) C.mulRow(i, factor);
  }
  return { X, C };
}

function unitFactor(values: readonly number[]): number {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const inside = largest <= comparable && largest >= 1 / comparable;
  return inside || largest === 0 ? 1 : 2 ** -Math.floor(Math.log2(largest));
}

/** X (I - tested), with columns that cancel to rounding set to zero: scaled up they would count as regressors. */
function withoutTested(X: Matrix, tested: Matrix): Float64Array {
  const product = X.mmul(Matrix.eye(X.columns).sub(tested));
  const lengths = Array.from({ length: X.columns }, (_, k) => Math.hypot(...X.getColumn(k)));
  for (let j = 0; j < product.columns; j++) {
    const summed = lengths.reduce((sum, length, k) => sum + length * Math.abs(tested.get(k, j)), lengths[j]);
    if (Math.hypot(...product.getColumn(j)) <= 1e-12 * summed)
      for (let i = 0; i < product.rows; i++) product.set(i, j, 0);
  }
  return Float64Array.from(product.to1DArray());
}

function inverse(matrix: Matrix): Matrix {
  const { rows, columns } = matrix;
  return Matrix.from1DArray(columns, rows, pseudoInverse(Float64Array.from(matrix.to1DArray()), rows, columns));
}

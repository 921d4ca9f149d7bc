import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { innerProducts, type Patterns } from './inner-products.js';

/** Rows in the fewest dimensions that hold them. */
export interface PatternCoordinates {
  /** [rows x dimensions], dimensions by falling variation about the origin. */
  readonly values: Float64Array;
  readonly rows: number;
  /** At most the number of rows. */
  readonly dimensions: number;
  /** How many units the coordinates stand for: `units` of what a decoder is given. */
  readonly units: number;
}

/**
 * Coordinates of patterns in the space that they span: turned about the origin, with all inner products as they were. Whatever depends
 * on inner products alone (every decoder here but standardised discriminants) gives the same scores of coordinates as of units, so many
 * fits to rows of one table cost nothing for its units. The rows' classes are not looked at.
 *
 * Made from the inner products, [rows x rows]; what is below 1e-14 of the largest eigenvalue is rounding and is left out.
 *
 * @param values [rows x units]
 */
export function patternCoordinates(values: Patterns, rows: number): PatternCoordinates {
  const units = values.length / rows;
  if (!Number.isInteger(units)) throw new RangeError(`${values.length} values are no table of ${rows} rows.`);
  return coordinatesOf(innerProducts(values, values, units), rows, units);
}

/** The same from the patterns' inner products, [rows x rows]. */
export function coordinatesOf(products: Float64Array, rows: number, units: number): PatternCoordinates {
  const { variances, directions } = principalAxes(products, rows);
  const dimensions = variances.length;
  const coordinates = directions.map((own, at) => own * Math.sqrt(variances[at % dimensions]));
  return { values: coordinates, rows, dimensions, units };
}

/**
 * Eigenvalues of inner products [rows x rows] that are more than rounding, falling, and their vectors, [rows x eigenvalues].
 * At least one is given back.
 */
export function principalAxes(products: Float64Array, rows: number) {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(Matrix.from1DArray(rows, rows, products), {
    assumeSymmetric: true,
  });
  const order = Array.from(realEigenvalues.keys()).sort((a, b) => realEigenvalues[b] - realEigenvalues[a]);
  const kept = order.filter((k, at) => at === 0 || realEigenvalues[k] > 1e-14 * rows * realEigenvalues[order[0]]);
  const directions = new Float64Array(rows * kept.length);
  for (let i = 0; i < rows; i++)
    for (const [at, k] of kept.entries()) directions[i * kept.length + at] = eigenvectorMatrix.get(i, k);
  return { variances: Float64Array.from(kept, (k) => Math.max(0, realEigenvalues[k])), directions };
}

import { type DesignMatrix, designSpace } from '../design-matrix.js';
import { gramMatrix, unscaledCovariance } from '../noise/least-squares.js';
import { columnsOf, dot, extendBasis } from './orthonormal-basis.js';

/**
 * Rows that bear on effects: those of runs in which some vector has weight. Other runs would lend their rest's variance to a contrast
 * that they say nothing of. All rows where runs share regressors that tie their residuals together.
 *
 * @param design [B x p] row-major
 * @param vectors each effect is the inner product of its vector with the rows, [B]
 * @param runs run of each row, [B]
 */
export function bearingRows(design: Float64Array, vectors: readonly Float64Array[], runs: Int32Array): Int32Array {
  const rows = runs.length;
  const all = Int32Array.from({ length: rows }, (_, i) => i);
  const largest = vectors.map((vector) => vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0));
  const bearing = new Set(
    all.filter((i) => vectors.some((vector, k) => Math.abs(vector[i]) > 1e-9 * largest[k])).map((i) => runs[i]),
  );
  const kept = all.filter((i) => bearing.has(runs[i]));
  if (kept.length === rows) return all;
  const inside = Float64Array.from(runs, (run) => (bearing.has(run) ? 1 : 0));
  const basis = extendBasis([], columnsOf(design, rows));
  // A basis vector that has a part in either set and is in the span of the basis with neither part alone ties them together.
  const tied = basis.some((vector) => {
    const part = vector.map((value, i) => value * inside[i]);
    const length = dot(part, part);
    return length > 1e-12 && length < 1 - 1e-12 && extendBasis(basis, [part]).length > 0;
  });
  return tied ? all : kept;
}

/** Rows of a design that bear on a contrast, by the vectors of its least-squares effects. */
export function contrastRows(design: DesignMatrix, weights: readonly Float64Array[], runs: Int32Array): Int32Array {
  const unscaled = unscaledCovariance(gramMatrix(design), designSpace(design));
  return bearingRows(
    design.X,
    weights.map((row) => effectVector(design, unscaled, row)),
    runs,
  );
}

/**
 * The vector whose inner product with the rows is a contrast's least-squares effect.
 *
 * @param unscaled (X'X)^-1 on the design's column space
 */
export function effectVector(
  { X, rows, columns }: DesignMatrix,
  unscaled: Float64Array,
  weights: Float64Array,
): Float64Array {
  const onColumns = new Float64Array(columns);
  for (let j = 0; j < columns; j++)
    for (let l = 0; l < columns; l++) onColumns[j] += unscaled[j * columns + l] * weights[l];
  return Float64Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += X[i * columns + j] * onColumns[j];
    return sum;
  });
}

/** Some rows of a [B x columns] matrix. */
export function rowsOf<T extends Float32Array | Float64Array>(matrix: T, columns: number, rows: Int32Array): T {
  if (rows.length * columns === matrix.length) return matrix;
  const out = new (matrix.constructor as new (length: number) => T)(rows.length * columns);
  for (const [to, from] of rows.entries())
    out.set(matrix.subarray(from * columns, (from + 1) * columns) as never, to * columns);
  return out;
}

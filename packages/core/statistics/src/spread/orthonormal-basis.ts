/**
 * Orthonormal vectors that span what `columns` add to `basis` (Gram and Schmidt, twice; relative tolerance 1e-9).
 *
 * @param basis orthonormal vectors
 */
export function extendBasis(basis: readonly Float64Array[], columns: readonly Float64Array[]): Float64Array[] {
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

/** The columns of a row-major matrix. */
export function columnsOf(matrix: Float64Array, rows: number): Float64Array[] {
  const width = matrix.length / rows;
  return Array.from({ length: width }, (_, j) => Float64Array.from({ length: rows }, (_, b) => matrix[b * width + j]));
}

/** Inner product. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** Euclidean length. */
export function norm(a: Float64Array): number {
  return Math.sqrt(dot(a, a));
}

/** Takes each column's component along a unit vector off it, [B x width]. */
export function subtractAlong(y: Float64Array, vector: Float64Array, width: number): void {
  const along = componentsAlong(y, vector, width);
  for (let b = 0; b < vector.length; b++) {
    const factor = vector[b];
    if (factor === 0) continue;
    for (let u = 0, at = b * width; u < width; u++, at++) y[at] -= factor * along[u];
  }
}

/** Each column's component along a unit vector, [width]. */
export function componentsAlong(y: Float64Array, vector: Float64Array, width: number): Float64Array {
  const along = new Float64Array(width);
  for (let b = 0; b < vector.length; b++) {
    const factor = vector[b];
    if (factor === 0) continue; // run intercepts are mostly zeros
    for (let u = 0, at = b * width; u < width; u++, at++) along[u] += factor * y[at];
  }
  return along;
}

/**
 * Cholesky factor of a symmetric positive definite matrix, in place: the lower triangle of `a` becomes L with A = L L'.
 *
 * @param a [n x n], row-major; only the lower triangle is read
 * @returns false where the matrix is not positive definite
 */
export function cholesky(a: Float64Array, n: number): boolean {
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let j = 0; j < i; j++) {
      const other = j * n;
      let sum = a[row + j];
      for (let k = 0; k < j; k++) sum -= a[row + k] * a[other + k];
      a[row + j] = sum / a[other + j];
    }
    let sum = a[row + i];
    for (let k = 0; k < i; k++) sum -= a[row + k] * a[row + k];
    if (!(sum > 0)) return false;
    a[row + i] = Math.sqrt(sum);
  }
  return true;
}

/** Solves L x = b in place, L lower triangular [n x n]. */
export function forwardSolve(l: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let sum = b[i];
    const row = i * n;
    for (let k = 0; k < i; k++) sum -= l[row + k] * b[k];
    b[i] = sum / l[row + i];
  }
}

/** Solves L' x = b in place, L lower triangular [n x n]. */
export function backwardSolve(l: Float64Array, n: number, b: Float64Array): void {
  for (let i = n - 1; i >= 0; i--) {
    let sum = b[i];
    for (let k = i + 1; k < n; k++) sum -= l[k * n + i] * b[k];
    b[i] = sum / l[i * n + i];
  }
}

/** log determinant of A = L L'. */
export function choleskyLogDeterminant(l: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.log(l[i * n + i]);
  return 2 * sum;
}

/** Inverse of A = L L', [n x n], symmetric to the last bit. */
export function choleskyInverse(l: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n);
  const column = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    column.fill(0);
    column[j] = 1;
    forwardSolve(l, n, column);
    backwardSolve(l, n, column);
    for (let i = 0; i <= j; i++) {
      inverse[i * n + j] = column[i];
      inverse[j * n + i] = column[i];
    }
  }
  return inverse;
}

/**
 * Inverse of a symmetric positive definite matrix [n x n]; undefined where it is not. The diagonal is scaled to one first.
 *
 * @example invertSymmetric(Float64Array.of(2, 1, 1, 2), 2) // [0.667, -0.333, -0.333, 0.667]
 */
export function invertSymmetric(a: Float64Array, n: number): Float64Array | undefined {
  const scale = new Float64Array(n);
  for (let i = 0; i < n; i++) scale[i] = 1 / Math.sqrt(a[i * n + i]);
  const scaled = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) scaled[i * n + j] = a[i * n + j] * scale[i] * scale[j];
  if (!cholesky(scaled, n)) return undefined;
  const inverse = choleskyInverse(scaled, n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) inverse[i * n + j] *= scale[i] * scale[j];
  return inverse;
}

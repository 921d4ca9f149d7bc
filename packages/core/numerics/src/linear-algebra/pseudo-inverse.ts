import { Matrix, SingularValueDecomposition } from 'ml-matrix';

/**
 * Moore and Penrose's inverse of a matrix [rows x columns], row-major, as [columns x rows].
 *
 * @param tolerance singular values under tolerance times the largest count as zero; default 1e-12
 * @example pseudoInverse(Float64Array.of(1, 0, 0, 2, 0, 0), 3, 2) // [1, 0, 0, 0, 0.5, 0]
 */
export function pseudoInverse(x: Float64Array, rows: number, columns: number, tolerance = 1e-12): Float64Array {
  const svd = new SingularValueDecomposition(Matrix.from1DArray(rows, columns, x), { autoTranspose: true });
  const u = svd.leftSingularVectors;
  const v = svd.rightSingularVectors;
  const s = svd.diagonal;
  const limit = tolerance * Math.max(0, ...s);
  const out = new Float64Array(columns * rows);
  for (let k = 0; k < s.length; k++) {
    if (s[k] <= limit) continue;
    for (let j = 0; j < columns; j++) {
      const scaled = v.get(j, k) / s[k];
      for (let i = 0; i < rows; i++) out[j * rows + i] += scaled * u.get(i, k);
    }
  }
  return out;
}

import type { DesignMatrix, DesignSpace } from '../design-matrix.js';

/** X basis', [rows x rank]. */
export function basisDesign({ rows, columns, X }: DesignMatrix, { basis, rank }: DesignSpace): Float64Array {
  if (rank === columns) return X;
  const out = new Float64Array(rows * rank);
  for (let i = 0; i < rows; i++) {
    for (let a = 0; a < rank; a++) {
      let sum = 0;
      for (let j = 0; j < columns; j++) sum += X[i * columns + j] * basis[a * columns + j];
      out[i * rank + a] = sum;
    }
  }
  return out;
}

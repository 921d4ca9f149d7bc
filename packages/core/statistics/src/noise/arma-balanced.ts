import { invertSymmetric } from '@galvani/numerics';
import type { Segments } from '../layout.js';
import type { ArmaFitter } from './arma-general.js';
import { armaFilter, whiten } from './arma-whitening.js';
import { gramMatrix, sumOfSquares } from './least-squares.js';

/** For prompts of one length and regressors constant within them: X' V^-1 X is a multiple of X' X. */
export function balancedArma(x: Float64Array, rows: number, rank: number, segments: Segments): ArmaFitter {
  const { count } = segments;
  const n = segments.length[0];
  const rowsOf = new Float64Array(count * rank);
  for (let s = 0; s < count; s++) {
    rowsOf.set(x.subarray(segments.start[s] * rank, (segments.start[s] + 1) * rank), s * rank);
  }
  const gram = gramMatrix({ names: [], X: rowsOf, rows: count, columns: rank });
  const inverse = invertSymmetric(gram, rank) as Float64Array;
  const one: Segments = { ...segments, count: 1, length: Int32Array.of(n), start: Int32Array.of(0) };
  const whitened = new Float64Array(rows);
  const ones = new Float64Array(n);

  /** Whitens a prompt of ones; returns 1' V^-1 1. */
  function totalAt(ar: number, ma: number): number {
    whiten(armaFilter(ar, ma, one), one, new Float64Array(n).fill(1), 1, ones);
    return sumOfSquares(ones);
  }

  return {
    fit(residuals, ar, ma) {
      const total = totalAt(ar, ma);
      whiten(armaFilter(ar, ma, segments), segments, residuals, 1, whitened);
      const right = new Float64Array(rank);
      let residual = sumOfSquares(whitened);
      for (let s = 0; s < count; s++) {
        const sum = product(ones, whitened, segments.start[s]);
        for (let a = 0; a < rank; a++) right[a] += rowsOf[s * rank + a] * sum;
      }
      const theta = new Float64Array(rank);
      for (let a = 0; a < rank; a++) {
        for (let b = 0; b < rank; b++) theta[a] += (inverse[a * rank + b] * right[b]) / total;
        residual -= theta[a] * right[a];
      }
      return { theta, residual };
    },
    inverse(ar, ma) {
      const total = totalAt(ar, ma);
      return inverse.map((value) => value / total);
    },
  };
}

function product(a: Float64Array, b: Float64Array, from: number): number {
  let sum = 0;
  for (let t = 0; t < a.length; t++) sum += a[t] * b[from + t];
  return sum;
}

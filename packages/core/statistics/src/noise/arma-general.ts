import { backwardSolve, cholesky, choleskyInverse, forwardSolve } from '@galvani/numerics';
import type { Segments } from '../layout.js';
import { armaFilter, whiten } from './arma-whitening.js';
import { gramMatrix } from './least-squares.js';

/** Generalised least squares of one series at known ARMA(1,1) parameters, by whitening its rows. */
export interface ArmaFitter {
  /** What to add to the least-squares coefficients, on the basis, and the residual sum of squares. */
  fit(residuals: Float64Array, ar: number, ma: number): { theta: Float64Array; residual: number };
  /** (X' V^-1 X)^-1 on the basis, V of variance one. */
  inverse(ar: number, ma: number): Float64Array;
}

/** For any design. */
export function generalArma(x: Float64Array, rows: number, rank: number, segments: Segments): ArmaFitter {
  const whitenedY = new Float64Array(rows);
  const whitenedX = new Float64Array(x.length);

  function factorAt(ar: number, ma: number) {
    const filter = armaFilter(ar, ma, segments);
    whiten(filter, segments, x, rank, whitenedX);
    const factor = gramMatrix({ names: [], X: whitenedX, rows, columns: rank });
    return { filter, factor, definite: cholesky(factor, rank) };
  }

  return {
    fit(residuals, ar, ma) {
      const { filter, factor } = factorAt(ar, ma);
      whiten(filter, segments, residuals, 1, whitenedY);
      const theta = new Float64Array(rank);
      let residual = 0;
      for (let i = 0; i < rows; i++) {
        const value = whitenedY[i];
        residual += value * value;
        for (let a = 0; a < rank; a++) theta[a] += whitenedX[i * rank + a] * value;
      }
      forwardSolve(factor, rank, theta);
      for (const part of theta) residual -= part * part;
      backwardSolve(factor, rank, theta);
      return { theta, residual };
    },
    inverse: (ar, ma) => choleskyInverse(factorAt(ar, ma).factor, rank),
  };
}

import { backwardSolve, cholesky, choleskyInverse, forwardSolve } from '@galvani/numerics';
import type { Segments } from '../layout.js';
import { product } from './arma-forms.js';
import { armaFilter, whiten } from './arma-whitening.js';

/** Generalised least squares of one series at known ARMA(1,1) parameters. */
export interface ArmaFitter {
  /**
   * What to add to the least-squares coefficients, on the basis, and the residual sum of squares, V of variance one; from the
   * residuals and what the search's problem made of them, which is in `posed` from `from` on.
   */
  fit(
    residuals: Float64Array,
    ar: number,
    ma: number,
    posed: Float64Array,
    from: number,
  ): { theta: Float64Array; residual: number };
  /** (X' V^-1 X)^-1 on the basis, V of variance one. */
  inverse(ar: number, ma: number): Float64Array;
}

/** For any design, by whitening rows. */
export function generalArma(x: Float64Array, rows: number, rank: number, segments: Segments) {
  const whitenedY = new Float64Array(rows);
  // Column by column, as the products of columns want it.
  const columns = Float64Array.from(x, (_, at) => x[(at % rows) * rank + Math.floor(at / rows)]);
  const whitened = new Float64Array(x.length);

  function factorAt(ar: number, ma: number) {
    const filter = armaFilter(ar, ma, segments);
    const factor = new Float64Array(rank * rank);
    for (let a = 0; a < rank; a++) {
      const [from, to] = [a * rows, (a + 1) * rows];
      whiten(filter, segments, columns.subarray(from, to), 1, whitened.subarray(from, to));
      for (let b = 0; b <= a; b++) factor[a * rank + b] = product(whitened, from, whitened, b * rows, rows);
    }
    cholesky(factor, rank);
    return { filter, factor };
  }

  return {
    fit(residuals: Float64Array, ar: number, ma: number) {
      const { filter, factor } = factorAt(ar, ma);
      whiten(filter, segments, residuals, 1, whitenedY);
      const theta = new Float64Array(rank);
      let residual = product(whitenedY, 0, whitenedY, 0, rows);
      for (let a = 0; a < rank; a++) theta[a] = product(whitened, a * rows, whitenedY, 0, rows);
      forwardSolve(factor, rank, theta);
      for (const part of theta) residual -= part * part;
      backwardSolve(factor, rank, theta);
      return { theta, residual };
    },
    inverse: (ar: number, ma: number) => choleskyInverse(factorAt(ar, ma).factor, rank),
  };
}

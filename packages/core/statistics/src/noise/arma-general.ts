import { backwardSolve, cholesky, choleskyInverse, choleskyLogDeterminant, forwardSolve } from '@galvani/numerics';
import type { Segments } from '../layout.js';
import { type ArmaFilter, armaFilter, whiten } from './arma-whitening.js';
import { gramMatrix } from './least-squares.js';

/** Generalised least squares of one series at any ARMA(1,1) parameters. */
export interface ArmaFitter {
  /** Takes the residuals of one unit, [rows]. */
  load(residuals: Float64Array): void;
  /** -2 log REML up to a constant; Infinity outside of the model. */
  criterion(ar: number, ma: number): number;
  /** What to add to the least-squares coefficients, on the basis, and the residual sum of squares. */
  fit(ar: number, ma: number): { theta: Float64Array; residual: number };
  /** (X' V^-1 X)^-1 on the basis, V of variance one. */
  inverse(ar: number, ma: number): Float64Array;
}

/** For any design: rows are whitened at every step. The first `kept` whitened designs are kept, since units share the grid. */
export function generalArma(x: Float64Array, rows: number, rank: number, segments: Segments, kept: number): ArmaFitter {
  const y = new Float64Array(rows);
  const whitenedY = new Float64Array(rows);
  const theta = new Float64Array(rank);
  interface Whitened {
    x: Float64Array;
    factor: Float64Array;
    filter: ArmaFilter;
    logs: number;
  }
  const known = new Map<string, Whitened>();

  function at(ar: number, ma: number): Whitened {
    const key = `${ar} ${ma}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const filter = armaFilter(ar, ma, segments);
    const own = new Float64Array(x.length);
    whiten(filter, segments, x, rank, own);
    const factor = gramMatrix({ names: [], X: own, rows, columns: rank });
    const definite = cholesky(factor, rank);
    const logs = definite ? filter.logDeterminant + choleskyLogDeterminant(factor, rank) : Number.NaN;
    const found = { x: own, factor, filter, logs };
    if (known.size < kept) known.set(key, found);
    return found;
  }

  /** Residual sum of squares; leaves L^-1 X' V^-1 y in `theta`. */
  function solve({ x: own, factor, filter }: Whitened): number {
    whiten(filter, segments, y, 1, whitenedY);
    theta.fill(0);
    let sum = 0;
    for (let i = 0; i < rows; i++) {
      const value = whitenedY[i];
      sum += value * value;
      for (let a = 0; a < rank; a++) theta[a] += own[i * rank + a] * value;
    }
    forwardSolve(factor, rank, theta);
    for (const part of theta) sum -= part * part;
    return sum;
  }

  return {
    load: (residuals) => y.set(residuals),
    criterion(ar, ma) {
      const here = at(ar, ma);
      const value = (rows - rank) * Math.log(solve(here)) + here.logs;
      return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
    },
    fit(ar, ma) {
      const here = at(ar, ma);
      const residual = solve(here);
      const solution = Float64Array.from(theta);
      backwardSolve(here.factor, rank, solution);
      return { residual, theta: solution };
    },
    inverse: (ar, ma) => choleskyInverse(at(ar, ma).factor, rank),
  };
}

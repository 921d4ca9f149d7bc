import { invertSymmetric } from '@galvani/numerics';
import type { Segments } from '../layout.js';
import type { ArmaFitter } from './arma-general.js';
import { armaFilter, whiten } from './arma-whitening.js';
import { gramMatrix } from './least-squares.js';

/**
 * For prompts of one length n and regressors constant within them: a unit is its n x n sums of products over prompts and
 * its rank x n sums with the design, whatever the number of prompts, and X' V^-1 X is a multiple of X' X.
 */
export function balancedArma(
  x: Float64Array,
  rows: number,
  rank: number,
  segments: Segments,
  kept: number,
): ArmaFitter {
  const n = segments.length[0];
  const one: Segments = {
    count: 1,
    start: Int32Array.of(0),
    length: Int32Array.of(n),
    run: Int32Array.of(0),
    ofRow: new Int32Array(n),
  };
  const rowsOf = new Float64Array(segments.count * rank);
  for (let s = 0; s < segments.count; s++) {
    rowsOf.set(x.subarray(segments.start[s] * rank, (segments.start[s] + 1) * rank), s * rank);
  }
  const gram = gramMatrix({ names: [], X: rowsOf, rows: segments.count, columns: rank });
  const inverse = invertSymmetric(gram, rank) as Float64Array;
  const products = new Float64Array(n * n);
  const withDesign = new Float64Array(rank * n);
  const right = new Float64Array(rank);
  const theta = new Float64Array(rank);
  const identity = new Float64Array(n * n);
  for (let t = 0; t < n; t++) identity[t * n + t] = 1;
  interface Precision {
    /** V^-1 of a prompt, [n x n]. */
    matrix: Float64Array;
    /** V^-1 1. */
    sums: Float64Array;
    /** 1' V^-1 1. */
    total: number;
    logDeterminant: number;
  }
  const known = new Map<string, Precision>();

  function at(ar: number, ma: number): Precision {
    const key = `${ar} ${ma}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const filter = armaFilter(ar, ma, one);
    const w = new Float64Array(n * n);
    whiten(filter, one, identity, n, w);
    const matrix = gramMatrix({ names: [], X: w, rows: n, columns: n });
    const sums = new Float64Array(n);
    let total = 0;
    for (let s = 0; s < n; s++) {
      for (let t = 0; t < n; t++) sums[s] += matrix[s * n + t];
      total += sums[s];
    }
    const found = { matrix, sums, total, logDeterminant: filter.logDeterminant * segments.count };
    if (known.size < kept) known.set(key, found);
    return found;
  }

  /** Residual sum of squares; leaves what to add to the coefficients in `theta`. */
  function solve({ matrix, sums, total }: Precision): number {
    let sum = 0;
    for (let k = 0; k < n * n; k++) sum += matrix[k] * products[k];
    for (let a = 0; a < rank; a++) {
      right[a] = 0;
      for (let t = 0; t < n; t++) right[a] += withDesign[a * n + t] * sums[t];
    }
    for (let a = 0; a < rank; a++) {
      theta[a] = 0;
      for (let b = 0; b < rank; b++) theta[a] += (inverse[a * rank + b] * right[b]) / total;
      sum -= theta[a] * right[a];
    }
    return sum;
  }

  return {
    load(residuals) {
      products.fill(0);
      withDesign.fill(0);
      for (let s = 0; s < segments.count; s++) {
        const start = s * n;
        for (let t = 0; t < n; t++) {
          const value = residuals[start + t];
          for (let u = 0; u <= t; u++) products[t * n + u] += value * residuals[start + u];
        }
        for (let a = 0; a < rank; a++) {
          const weight = rowsOf[s * rank + a];
          if (weight !== 0) for (let t = 0; t < n; t++) withDesign[a * n + t] += weight * residuals[start + t];
        }
      }
      for (let t = 0; t < n; t++) for (let u = 0; u < t; u++) products[u * n + t] = products[t * n + u];
    },
    criterion(ar, ma) {
      const here = at(ar, ma);
      const value = (rows - rank) * Math.log(solve(here)) + here.logDeterminant + rank * Math.log(here.total);
      return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
    },
    fit(ar, ma) {
      const residual = solve(at(ar, ma));
      return { residual, theta: Float64Array.from(theta) };
    },
    inverse(ar, ma) {
      const { total } = at(ar, ma);
      return inverse.map((value) => value / total);
    },
  };
}

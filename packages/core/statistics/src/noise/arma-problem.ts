import { cholesky } from '@galvani/numerics';
import type { Segments } from '../layout.js';
import type { ArmaProblem } from './arma-forms.js';
import { gramMatrix } from './least-squares.js';

/** A search's problem, and how the least-squares residuals of a unit become its rows. */
export interface PosedProblem {
  problem: ArmaProblem;
  rows: number;
  /** Residuals [rows of the design] into `out`, from `to` on. */
  pose(residuals: Float64Array, out: Float64Array, to: number): void;
}

function distinct(lengths: readonly number[]) {
  const found = [...new Set(lengths)].sort((a, b) => a - b);
  return { lengths: found, lengthOf: lengths.map((length) => found.indexOf(length)) };
}

/** Any design: the rows as they are, and in each prompt the columns of the design that are not zero there. */
export function generalProblem(x: Float64Array, rows: number, rank: number, { start, length }: Segments): PosedProblem {
  const segments = Array.from(start, (first, s) => ({ start: first, length: length[s], from: 0 }));
  const active = segments.map((segment) => {
    const found: number[] = [];
    for (let j = 0; j < rank; j++) {
      let some = false;
      for (let t = 0; t < segment.length && !some; t++) some = x[(segment.start + t) * rank + j] !== 0;
      if (some) found.push(j);
    }
    return found;
  });
  const values = segments.map((segment, s) =>
    Float64Array.from({ length: active[s].length * segment.length }, (_, at) => {
      const k = Math.floor(at / segment.length);
      return x[(segment.start + (at % segment.length)) * rank + active[s][k]];
    }),
  );
  const groups = distinct(Array.from(length));
  const prompts = groups.lengths.map((_, g) => groups.lengthOf.filter((own) => own === g).length);
  const problem = { segments, active, values, columns: rank, proportional: false, df: rows - rank, rank, ...groups };
  return {
    problem: { ...problem, prompts },
    rows,
    pose: (residuals, out, to) => out.set(residuals, to),
  };
}

/**
 * Prompts of one length n and regressors constant within them. Rotating prompts changes nothing of the noise, so prompts are
 * turned until the design meets as few of them as it has columns, each by one column of ones, and the others are turned until
 * n are left: a unit is at most 2 n rows of n, whatever the number of prompts.
 */
export function balancedProblem(x: Float64Array, rows: number, rank: number, { start, length, count }: Segments) {
  const n = length[0];
  const rowsOf = new Float64Array(count * rank);
  for (let s = 0; s < count; s++) rowsOf.set(x.subarray(start[s] * rank, (start[s] + 1) * rank), s * rank);
  const factor = gramMatrix({ names: [], X: rowsOf, rows: count, columns: rank });
  cholesky(factor, rank);
  const met = Math.min(rank, n);
  const segments = Array.from({ length: met + n }, (_, s) => ({
    start: s * n,
    length: n,
    from: s < met ? (rank > n ? s : 0) : s - met,
  }));
  const problem: ArmaProblem = {
    segments,
    active: segments.map((_, s) => (s < met ? [s] : [])),
    values: segments.map((_, s) => new Float64Array(s < met ? n : 0).fill(1)),
    columns: met,
    proportional: true,
    df: rows - rank,
    rank,
    lengths: [n],
    lengthOf: segments.map(() => 0),
    prompts: [count],
  };
  const along = new Float64Array(rank * n);
  const products = new Float64Array(n * n);
  return {
    problem,
    rows: (met + n) * n,
    pose(residuals: Float64Array, out: Float64Array, to: number): void {
      along.fill(0);
      products.fill(0);
      for (let s = 0; s < count; s++) {
        for (let a = 0; a < rank; a++) {
          const weight = rowsOf[s * rank + a];
          if (weight !== 0) addTimes(along, a * n, weight, residuals, start[s], n);
        }
      }
      // Solved by the Cholesky factor of the design's products: sums over prompts along orthonormal columns.
      for (let a = 0; a < rank; a++) {
        for (let b = 0; b < a; b++) {
          addTimes(along, a * n, -factor[a * rank + b], along, b * n, n);
        }
        for (let t = 0; t < n; t++) along[a * n + t] /= factor[a * rank + a];
      }
      addAllProducts(products, residuals, count, n);
      for (let a = 0; a < rank; a++) addProducts(products, along, a * n, n, -1);
      if (rank <= n) out.set(along, to);
      else {
        const turned = new Float64Array(n * n);
        for (let a = 0; a < rank; a++) addProducts(turned, along, a * n, n, 1);
        rootInto(turned, n, out, to);
      }
      rootInto(products, n, out, to + met * n);
    },
  };
}

function addTimes(out: Float64Array, to: number, weight: number, values: Float64Array, from: number, n: number): void {
  for (let t = 0; t < n; t++) out[to + t] += weight * values[from + t];
}

/** Adds the products of n values with each other to a lower triangle. */
function addProducts(out: Float64Array, values: Float64Array, from: number, n: number, sign: number): void {
  for (let t = 0; t < n; t++) {
    const value = sign * values[from + t];
    for (let k = 0; k <= t; k++) out[t * n + k] += value * values[from + k];
  }
}

/** The same of many rows of n values, four at a time. */
function addAllProducts(out: Float64Array, values: Float64Array, rows: number, n: number): void {
  let row = 0;
  for (; row + 3 < rows; row += 4) {
    const a = row * n;
    const b = a + n;
    const c = b + n;
    const d = c + n;
    for (let t = 0; t < n; t++) {
      const p = values[a + t];
      const q = values[b + t];
      const r = values[c + t];
      const s = values[d + t];
      for (let k = 0; k <= t; k++) {
        out[t * n + k] += p * values[a + k] + q * values[b + k] + (r * values[c + k] + s * values[d + k]);
      }
    }
  }
  for (; row < rows; row++) addProducts(out, values, row * n, n, 1);
}

/** R with R'R = A into `out`, upper triangular; directions without variation, to rounding, are left zero. Spoils A. */
function rootInto(a: Float64Array, n: number, out: Float64Array, to: number): void {
  let most = 0;
  for (let i = 0; i < n; i++) most = Math.max(most, a[i * n + i]);
  for (let i = 0; i < n; i++) {
    out.fill(0, to + i * n, to + (i + 1) * n);
    const pivot = a[i * n + i];
    if (!(pivot > 1e-15 * most)) continue;
    const root = Math.sqrt(pivot);
    for (let j = i; j < n; j++) out[to + i * n + j] = a[j * n + i] / root;
    for (let j = i + 1; j < n; j++) {
      const weight = out[to + i * n + j];
      for (let k = i + 1; k <= j; k++) a[j * n + k] -= weight * out[to + i * n + k];
    }
  }
}

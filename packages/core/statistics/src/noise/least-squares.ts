import { invertSymmetric } from '@galvani/numerics';
import { type DesignMatrix, type DesignSpace, nearlyCollinear, requireInvertible } from '../design-matrix.js';
import { unitFlag } from '../fit.js';
import type { Moments } from './moment-sums.js';

/** Residual sums of squares below this fraction of the whole are rounding: the unit has no variation left. */
export const roundingFraction = 1e-13;

/**
 * out[to + v] += sum over k of coefficients[k] * values[from[k] + v], four terms at a time: the product of a small matrix
 * with many units, and the only loop of a fit that is not over rows.
 */
export function addCombination(
  out: Float64Array,
  to: number,
  values: Float64Array,
  from: readonly number[],
  coefficients: readonly number[],
  units: number,
): void {
  let k = 0;
  for (; k + 3 < from.length; k += 4) {
    const [a, b, c, d] = [coefficients[k], coefficients[k + 1], coefficients[k + 2], coefficients[k + 3]];
    const [i, j, m, n] = [from[k], from[k + 1], from[k + 2], from[k + 3]];
    for (let v = 0; v < units; v++) {
      out[to + v] = out[to + v] + a * values[i + v] + b * values[j + v] + c * values[m + v] + d * values[n + v];
    }
  }
  for (; k < from.length; k++) {
    const a = coefficients[k];
    const i = from[k];
    for (let v = 0; v < units; v++) out[to + v] += a * values[i + v];
  }
}

/** A [rows x inner] times B [inner x units]; zero elements of A are skipped. */
export function smallProduct(
  a: Float64Array,
  rows: number,
  inner: number,
  b: Float64Array,
  units: number,
  elementAt: (row: number, k: number) => number = (row, k) => row * inner + k,
): Float64Array {
  const out = new Float64Array(rows * units);
  for (let row = 0; row < rows; row++) {
    const from: number[] = [];
    const coefficients: number[] = [];
    for (let k = 0; k < inner; k++) {
      const value = a[elementAt(row, k)];
      if (value === 0 || value === undefined) continue;
      from.push(k * units);
      coefficients.push(value);
    }
    addCombination(out, row * units, b, from, coefficients, units);
  }
  return out;
}

export function sumOfSquares(y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < y.length; i++) sum += y[i] * y[i];
  return sum;
}

/** X' W X of a design, [columns x columns]; `weights` of the rows default to one. */
export function gramMatrix(design: DesignMatrix, weights?: ArrayLike<number>): Float64Array {
  const { rows, columns, X } = design;
  const gram = new Float64Array(columns * columns);
  for (let i = 0; i < rows; i++) {
    const row = i * columns;
    const w = weights === undefined ? 1 : weights[i];
    for (let a = 0; a < columns; a++) {
      const x = w * X[row + a];
      if (x !== 0) for (let b = 0; b <= a; b++) gram[a * columns + b] += x * X[row + b];
    }
  }
  for (let a = 0; a < columns; a++) for (let b = 0; b < a; b++) gram[b * columns + a] = gram[a * columns + b];
  return gram;
}

/** X' Y for series that are kept whole, [columns x units]: zero elements of X are skipped. */
export function designProducts(design: DesignMatrix, y: Float64Array, units: number): Float64Array {
  return smallProduct(design.X, design.columns, design.rows, y, units, (j, i) => i * design.columns + j);
}

/** basis matrix basis', [rank x rank]. */
export function onBasis(matrix: Float64Array, { basis, rank, columns }: DesignSpace): Float64Array {
  const half = new Float64Array(rank * columns);
  for (let i = 0; i < rank; i++) {
    for (let k = 0; k < columns; k++) {
      const b = basis[i * columns + k];
      if (b !== 0) for (let j = 0; j < columns; j++) half[i * columns + j] += b * matrix[k * columns + j];
    }
  }
  const out = new Float64Array(rank * rank);
  for (let i = 0; i < rank; i++) {
    for (let j = 0; j < rank; j++) {
      let sum = 0;
      for (let k = 0; k < columns; k++) sum += half[i * columns + k] * basis[j * columns + k];
      out[i * rank + j] = sum;
    }
  }
  return out;
}

/** basis' matrix basis, [columns x columns]: a covariance of basis coefficients as one of the design's columns. */
export function offBasis(matrix: Float64Array, { basis, rank, columns }: DesignSpace): Float64Array {
  const out = new Float64Array(columns * columns);
  for (let i = 0; i < rank; i++) {
    for (let j = 0; j < rank; j++) {
      const m = matrix[i * rank + j];
      for (let a = 0; a < columns; a++) {
        const left = m * basis[i * columns + a];
        if (left !== 0) for (let b = 0; b < columns; b++) out[a * columns + b] += left * basis[j * columns + b];
      }
    }
  }
  return out;
}

/** (X' X)^+ of a Gram matrix over the design's basis, [columns x columns]. */
export function unscaledCovariance(gram: Float64Array, space: DesignSpace): Float64Array {
  requireInvertible(space);
  const inverse = invertSymmetric(onBasis(gram, space), space.rank);
  if (inverse === undefined) throw nearlyCollinear(space);
  return offBasis(inverse, space);
}

/** Least squares of every unit by one covariance: coefficients and residual sum of squares. */
export interface LeastSquares {
  beta: Float64Array;
  residual: Float64Array;
}

/**
 * @param covariance (X' X)^+, [columns x columns]
 * @param products X' Y, [columns x units]
 * @param squares Y' Y of each unit
 */
export function leastSquares(
  covariance: Float64Array,
  products: Float64Array,
  squares: Float64Array,
  columns: number,
  units: number,
): LeastSquares {
  const beta = smallProduct(covariance, columns, columns, products, units);
  const residual = Float64Array.from(squares);
  for (let j = 0; j < columns; j++) {
    for (let v = 0, at = j * units; v < units; v++, at++) residual[v] -= beta[at] * products[at];
  }
  return { beta, residual };
}

/** Flags of units from sums of squares before and after the fit; flagged units get NaN for their dispersion. */
export function flagUnits(squares: Float64Array, residual: Float64Array, dispersion: Float64Array): Uint8Array {
  const flags = new Uint8Array(squares.length);
  for (let v = 0; v < squares.length; v++) {
    if (!Number.isFinite(squares[v]) || !Number.isFinite(residual[v])) flags[v] = unitFlag.nonFinite;
    else if (!(residual[v] > roundingFraction * squares[v])) flags[v] = unitFlag.constant;
    if (flags[v] !== unitFlag.fine) dispersion[v] = Number.NaN;
  }
  return flags;
}

/** Puts back the level that was taken off each unit, and empties the coefficients of units that are not finite. */
export function restoreLevel(
  beta: Float64Array,
  shift: Float64Array,
  { constant, columns }: DesignSpace,
  flags: Uint8Array,
): void {
  const units = shift.length;
  for (let j = 0; j < columns; j++) {
    const g = constant === undefined ? 0 : constant[j];
    for (let v = 0, at = j * units; v < units; v++, at++) {
      if (flags[v] === unitFlag.nonFinite) beta[at] = Number.NaN;
      else if (g !== 0) beta[at] += g * shift[v];
    }
  }
}

/** X' Y from moments: constant columns from the sums of segments, the others from their own products. [columns x units] */
export function productsFromMoments(
  moments: Moments,
  design: DesignMatrix,
  varying: readonly number[],
  segmentValues: Float64Array,
  varyingProducts: Float64Array | undefined,
): Float64Array {
  const { segments, units } = moments;
  const { columns, X } = design;
  const isVarying = new Set(varying);
  const out = smallProduct(X, columns, segments.count, segmentValues, units, (j, s) =>
    isVarying.has(j) ? -1 : segments.start[s] * columns + j,
  );
  varying.forEach((j, k) => {
    if (varyingProducts) out.set(varyingProducts.subarray(k * units, (k + 1) * units), j * units);
  });
  return out;
}

/** Takes the least-squares fit off a series, in place; returns its coefficients on the basis. Zeros of the design are skipped. */
export function leastSquaresOf({ rows }: Pick<DesignMatrix, 'rows'>, x: Float64Array, rank: number) {
  const inverse = invertSymmetric(gramMatrix({ names: [], X: x, rows, columns: rank }), rank) as Float64Array;
  // Rows that repeat the one before them, as those of a prompt do, are summed first.
  const first = Int32Array.from({ length: rows }, (_, i) => i).filter((i) => i === 0 || !sameRow(x, rank, i));
  const until = first.map((_, k) => (k + 1 < first.length ? first[k + 1] : rows));
  const cells = Int32Array.from(x.keys()).filter((at) => x[at] !== 0);
  const kept = new Uint8Array(rows);
  for (const i of first) kept[i] = 1;
  const used = cells.filter((at) => kept[Math.floor(at / rank)] === 1);
  const ends = new Int32Array(first.length);
  for (let k = 0, at = 0; k < first.length; k++) {
    while (at < used.length && used[at] < (first[k] + 1) * rank) at++;
    ends[k] = at;
  }
  const columns = used.map((at) => at % rank);
  const elements = Float64Array.from(used, (at) => x[at]);
  const products = new Float64Array(rank);
  return (y: Float64Array): Float64Array => {
    products.fill(0);
    for (let k = 0, at = 0; k < first.length; k++) {
      let value = 0;
      for (let i = first[k]; i < until[k]; i++) value += y[i];
      const end = ends[k];
      for (; at < end; at++) products[columns[at]] += elements[at] * value;
    }
    const theta = new Float64Array(rank);
    for (let a = 0; a < rank; a++) for (let b = 0; b < rank; b++) theta[a] += inverse[a * rank + b] * products[b];
    for (let k = 0, at = 0; k < first.length; k++) {
      const end = ends[k];
      let fitted = 0;
      for (; at < end; at++) fitted += elements[at] * theta[columns[at]];
      for (let i = first[k]; i < until[k]; i++) y[i] -= fitted;
    }
    return theta;
  };
}

function sameRow(x: Float64Array, rank: number, i: number): boolean {
  for (let at = i * rank; at < (i + 1) * rank; at++) if (x[at] !== x[at - rank]) return false;
  return true;
}

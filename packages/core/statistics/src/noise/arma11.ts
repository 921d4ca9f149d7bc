import { backwardSolve, cholesky, choleskyInverse, choleskyLogDeterminant, forwardSolve } from '@galvani/numerics';
import { type DesignMatrix, designSpace } from '../design-matrix.js';
import { type Fit, unitFlag } from '../fit.js';
import type { Segments } from '../layout.js';
import { armaFilter, whiten } from './arma-whitening.js';
import { basisDesign } from './basis-design.js';
import { flagUnits, gramMatrix, offBasis, restoreLevel, unscaledCovariance } from './least-squares.js';
import { newtonMinimum } from './newton.js';

/** Options of an ARMA(1,1) fit. */
export interface ArmaOptions {
  /** Known parameters of each unit instead of REML estimates. */
  parameters?: { ar: Float64Array; ma: Float64Array };
}

/** Where the search starts: arc tangents of ar and ma. */
const levels = [-2, -1.1, -0.5, 0, 0.5, 1.1, 2];
const starts: readonly (readonly number[])[] = levels.flatMap((ar) => levels.map((ma) => [ar, ma]));

/**
 * ARMA(1,1) noise within segments (AFNI's 3dREMLfit model: autocorrelation plus white noise), each unit at its own REML
 * estimates: the best of a grid, refined by Newton's method.
 *
 * This model needs the series itself: the rows that are given are kept, so give it few units at a time. `dispersion` is
 * the variance of a row. Where ar is near -ma the noise is white and neither is identified.
 */
export function arma11Estimator(design: DesignMatrix, segments: Segments, units: number, options: ArmaOptions = {}) {
  const space = designSpace(design);
  const { rank } = space;
  const total = design.rows;
  const series = new Float64Array(total * units);
  let next = 0;
  return {
    add(rows: Float32Array | Float64Array, firstRow: number): void {
      if (firstRow !== next || firstRow + rows.length / units > total) {
        throw new RangeError(`rows from ${firstRow} given where row ${next} of ${total} is due`);
      }
      series.set(rows, firstRow * units);
      next += rows.length / units;
    },
    finish(): Fit {
      if (next !== total) throw new RangeError(`${next} of ${total} rows were given`);
      const x = basisDesign(design, space);
      const fitter = armaFitter(x, total, rank, segments);
      const df = total - rank;
      const ordinary = ordinaryResidual(design);
      const beta = new Float64Array(design.columns * units);
      const dispersion = new Float64Array(units);
      const [ar, ma] = [new Float64Array(units).fill(Number.NaN), new Float64Array(units).fill(Number.NaN)];
      const squares = new Float64Array(units);
      const residual = new Float64Array(units);
      const shift = new Float64Array(units);
      const y = new Float64Array(total);
      for (let v = 0; v < units; v++) {
        shift[v] = space.constant === undefined ? 0 : series[v];
        for (let i = 0; i < total; i++) y[i] = series[i * units + v] - shift[v];
        squares[v] = y.reduce((sum, value) => sum + value * value, 0);
        residual[v] = ordinary(y);
      }
      const flags = flagUnits(squares, residual, dispersion);
      for (let v = 0; v < units; v++) {
        if (flags[v] !== unitFlag.fine) continue;
        const level = Math.sqrt(residual[v] / df);
        for (let i = 0; i < total; i++) y[i] = (series[i * units + v] - shift[v]) / level;
        if (options.parameters) {
          ar[v] = options.parameters.ar[v];
          ma[v] = options.parameters.ma[v];
        } else {
          const best = newtonMinimum((at) => fitter.criterion(y, Math.tanh(at[0]), Math.tanh(at[1])), starts);
          ar[v] = Math.tanh(best[0]);
          ma[v] = Math.tanh(best[1]);
        }
        const fitted = fitter.fit(y, ar[v], ma[v]);
        dispersion[v] = (fitted.residual / df) * level * level;
        for (let j = 0; j < design.columns; j++) {
          for (let a = 0; a < rank; a++) {
            beta[j * units + v] += space.basis[a * design.columns + j] * fitted.theta[a] * level;
          }
        }
      }
      restoreLevel(beta, shift, space, flags);
      return {
        noise: 'arma11',
        units,
        design,
        space,
        beta,
        dispersion,
        df,
        rank,
        flags,
        parameters: { ar, ma },
        covariance: (v) => offBasis(fitter.inverse(ar[v], ma[v]), space),
      };
    },
  };
}

/** Residual sum of squares of ordinary least squares, from residuals and not from differences of large sums. */
function ordinaryResidual(design: DesignMatrix) {
  const space = designSpace(design);
  const covariance = unscaledCovariance(gramMatrix(design), space);
  const { rows, columns, X } = design;
  return (y: Float64Array): number => {
    const products = new Float64Array(columns);
    for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) products[j] += X[i * columns + j] * y[i];
    const beta = new Float64Array(columns);
    for (let j = 0; j < columns; j++)
      for (let k = 0; k < columns; k++) beta[j] += covariance[j * columns + k] * products[k];
    let sum = 0;
    for (let i = 0; i < rows; i++) {
      let r = y[i];
      for (let j = 0; j < columns; j++) r -= X[i * columns + j] * beta[j];
      sum += r * r;
    }
    return sum;
  };
}

/** Generalised least squares at any parameters; whitened designs are kept, since units share the grid of starts. */
function armaFitter(x: Float64Array, rows: number, rank: number, segments: Segments) {
  const whitenedY = new Float64Array(rows);
  const theta = new Float64Array(rank);
  interface Whitened {
    x: Float64Array;
    factor: Float64Array;
    filter: ReturnType<typeof armaFilter>;
    logs: number;
  }
  const kept = new Map<string, Whitened>();

  function whitenedAt(ar: number, ma: number): Whitened {
    const key = `${ar} ${ma}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const filter = armaFilter(ar, ma, segments);
    const own = new Float64Array(x.length);
    whiten(filter, segments, x, rank, own);
    const factor = gramMatrix({ names: [], X: own, rows, columns: rank });
    if (!cholesky(factor, rank)) throw new RangeError('the design is too close to collinear to be fitted');
    const logs = filter.logDeterminant + choleskyLogDeterminant(factor, rank);
    const found = { x: own, factor, filter, logs };
    if (kept.size < starts.length) kept.set(key, found);
    return found;
  }

  /** Residual sum of squares; leaves L^-1 X' V^-1 y in `theta`. */
  function solve(y: Float64Array, { x: own, factor, filter }: Whitened): number {
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
    criterion(y: Float64Array, ar: number, ma: number): number {
      const at = whitenedAt(ar, ma);
      const value = (rows - rank) * Math.log(solve(y, at)) + at.logs;
      return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
    },
    fit(y: Float64Array, ar: number, ma: number) {
      const at = whitenedAt(ar, ma);
      const residual = solve(y, at);
      const solution = Float64Array.from(theta);
      backwardSolve(at.factor, rank, solution);
      return { residual, theta: solution };
    },
    inverse: (ar: number, ma: number) => choleskyInverse(whitenedAt(ar, ma).factor, rank),
  };
}

import { invertSymmetric } from '@galvani/numerics';
import { type DesignMatrix, designSpace } from '../design-matrix.js';
import { type Fit, unitFlag } from '../fit.js';
import type { Segments } from '../layout.js';
import { balancedArma } from './arma-balanced.js';
import { generalArma } from './arma-general.js';
import { basisDesign } from './basis-design.js';
import { varyingColumns } from './columns.js';
import { flagUnits, gramMatrix, offBasis, restoreLevel } from './least-squares.js';
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
      const df = total - rank;
      const ordinary = leastSquaresOf(design, x, rank);
      const equal = segments.length.every((length) => length === segments.length[0]);
      const balanced = equal && segments.count > 1 && varyingColumns(design, segments).length === 0;
      const fitter = (balanced ? balancedArma : generalArma)(x, total, rank, segments, starts.length);
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
        ordinary(y);
        residual[v] = y.reduce((sum, value) => sum + value * value, 0);
      }
      const flags = flagUnits(squares, residual, dispersion);
      for (let v = 0; v < units; v++) {
        if (flags[v] !== unitFlag.fine) continue;
        const level = Math.sqrt(residual[v] / df);
        for (let i = 0; i < total; i++) y[i] = (series[i * units + v] - shift[v]) / level;
        const theta = ordinary(y);
        fitter.load(y);
        if (options.parameters) {
          ar[v] = options.parameters.ar[v];
          ma[v] = options.parameters.ma[v];
        } else {
          const best = newtonMinimum((at) => fitter.criterion(Math.tanh(at[0]), Math.tanh(at[1])), starts);
          ar[v] = Math.tanh(best[0]);
          ma[v] = Math.tanh(best[1]);
        }
        const fitted = fitter.fit(ar[v], ma[v]);
        dispersion[v] = (fitted.residual / df) * level * level;
        for (let j = 0; j < design.columns; j++) {
          for (let a = 0; a < rank; a++) {
            beta[j * units + v] += space.basis[a * design.columns + j] * (theta[a] + fitted.theta[a]) * level;
          }
        }
      }
      restoreLevel(beta, shift, space, flags);
      const common = { units, design, space, beta, dispersion, df, rank, flags };
      return {
        noise: 'arma11',
        ...common,
        parameters: { ar, ma },
        covariance: (v) => offBasis(fitter.inverse(ar[v], ma[v]), space),
      };
    },
  };
}

/** Takes the least-squares fit off a series, in place; returns its coefficients on the basis. */
function leastSquaresOf({ rows }: DesignMatrix, x: Float64Array, rank: number) {
  const inverse = invertSymmetric(gramMatrix({ names: [], X: x, rows, columns: rank }), rank) as Float64Array;
  return (y: Float64Array): Float64Array => {
    const products = new Float64Array(rank);
    for (let i = 0; i < rows; i++) for (let a = 0; a < rank; a++) products[a] += x[i * rank + a] * y[i];
    const theta = new Float64Array(rank);
    for (let a = 0; a < rank; a++) for (let b = 0; b < rank; b++) theta[a] += inverse[a * rank + b] * products[b];
    for (let i = 0; i < rows; i++) for (let a = 0; a < rank; a++) y[i] -= x[i * rank + a] * theta[a];
    return theta;
  };
}

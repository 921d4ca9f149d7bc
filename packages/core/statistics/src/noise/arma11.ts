import { type DesignMatrix, type DesignSpace, designSpace } from '../design-matrix.js';
import { type Fit, unitFlag } from '../fit.js';
import type { Segments } from '../layout.js';
import { type ArmaFitter, generalArma } from './arma-general.js';
import { type ArmaProblem, generalProblem } from './arma-problem.js';
import { promptProblem, promptsSuffice } from './arma-prompts.js';
import { armaSearch } from './arma-search.js';
import { basisDesign } from './basis-design.js';
import { flagUnits, leastSquaresOf, offBasis, restoreLevel, sumOfSquares } from './least-squares.js';

/** Parameters of each unit, [units]. */
interface ArmaParameters {
  ar: Float64Array;
  ma: Float64Array;
}

/** Options of an ARMA(1,1) fit. */
export interface ArmaOptions {
  /** Known parameters instead of REML estimates. */
  parameters?: ArmaParameters;
}

/**
 * ARMA(1,1) noise within segments (AFNI's 3dREMLfit model: autocorrelation plus white noise), each unit at its own REML
 * estimates (`arma-search.ts`): never less likely than AR(1), MA(1) or white noise.
 *
 * Bounds: |ar| <= 0.9999, as `ar1` has it, and |ma| <= 1. Both borders are models of their own, and a unit may lie on them: ar
 * at 0.9999 with ma near -1 is a level of each segment's own in white noise, and ma = -1 or 1 is noise whose moving average has
 * a unit root; the criterion is level in ma there, since ma and 1 / ma are the same noise. A parameter at its border is used as
 * it is. Where nothing is likelier than white noise (ar = -ma, neither identified) both are 0.
 *
 * This model needs the series itself: the rows that are given are kept, so give it few units at a time. `dispersion` is
 * the variance of a row.
 */
export function arma11Estimator(design: DesignMatrix, segments: Segments, units: number, options: ArmaOptions = {}) {
  const space = designSpace(design);
  const { rank } = space;
  const total = design.rows;
  // Of units one after the other, so that each is fitted in place.
  const series = new Float64Array(total * units);
  let next = 0;
  return {
    add(rows: Float32Array | Float64Array, firstRow: number): void {
      if (firstRow !== next || firstRow + rows.length / units > total) {
        throw new RangeError(`rows from ${firstRow} given where row ${next} of ${total} is due`);
      }
      for (let v = 0; v < units; v++) takeUnit(rows, v, units, series, v * total + firstRow);
      next += rows.length / units;
    },
    finish(): Fit {
      if (next !== total) throw new RangeError(`${next} of ${total} rows were given`);
      const x = basisDesign(design, space);
      const df = total - rank;
      const ordinary = leastSquaresOf(design, x, rank);
      const beta = new Float64Array(design.columns * units);
      const dispersion = new Float64Array(units);
      const squares = new Float64Array(units);
      const residual = new Float64Array(units);
      const shift = new Float64Array(units);
      const level = new Float64Array(units).fill(1);
      const thetas: Float64Array[] = [];
      /** Rows of a unit, from here on its least-squares residuals over their root mean square. */
      const rowsOf = (v: number) => series.subarray(v * total, (v + 1) * total);
      for (let v = 0; v < units; v++) {
        const y = rowsOf(v);
        shift[v] = space.constant === undefined ? 0 : y[0];
        subtract(y, shift[v]);
        squares[v] = sumOfSquares(y);
        thetas.push(ordinary(y));
        residual[v] = sumOfSquares(y);
      }
      const flags = flagUnits(squares, residual, dispersion);
      const fine = Array.from(flags.keys()).filter((v) => flags[v] === unitFlag.fine);
      for (const v of fine) {
        level[v] = Math.sqrt(residual[v] / df);
        divide(rowsOf(v), level[v]);
      }
      const [ar, ma] = [new Float64Array(units).fill(Number.NaN), new Float64Array(units).fill(Number.NaN)];
      const prompts = promptsSuffice(design, segments) ? promptProblem(x, total, rank, segments) : undefined;
      const rowwise = generalArma(x, total, rank, segments);
      const rest = new Set(fine.filter((v) => prompts === undefined || levelsDominate(rowsOf(v), segments)));
      if (rest.size > 0) search(generalProblem(x, total, rank, segments), rowwise, [...rest]);
      const most = fine.filter((v) => !rest.has(v));
      if (prompts !== undefined) search(prompts, prompts, most);

      function search(problem: ArmaProblem, fitter: ArmaFitter, these: readonly number[]): void {
        const posed = new Float64Array(these.length * problem.rows);
        these.forEach((v, at) => {
          problem.pose(rowsOf(v), posed, at * problem.rows);
        });
        const found = options.parameters ? undefined : armaSearch(problem, posed, these.length);
        these.forEach((v, at) => {
          ar[v] = found ? found.ar[at] : (options.parameters as ArmaParameters).ar[v];
          ma[v] = found ? found.ma[at] : (options.parameters as ArmaParameters).ma[v];
          const fitted = fitter.fit(rowsOf(v), ar[v], ma[v], posed, at * problem.rows);
          dispersion[v] = (fitted.residual / df) * level[v] * level[v];
          for (let a = 0; a < rank; a++) thetas[v][a] += fitted.theta[a] * level[v];
          addCoefficients(beta, units, v, thetas[v], space);
        });
      }
      restoreLevel(beta, shift, space, flags);
      const common = { units, design, space, beta, dispersion, df, rank, flags };
      return {
        noise: 'arma11',
        ...common,
        parameters: { ar, ma },
        covariance: (v) => offBasis((prompts ?? rowwise).inverse(ar[v], ma[v]), space),
      };
    },
  };
}

/** One column of rows, into `out` from `to` on. */
function takeUnit(rows: Float32Array | Float64Array, v: number, units: number, out: Float64Array, to: number): void {
  for (let from = v; from < rows.length; from += units) out[to++] = rows[from];
}

/**
 * Whether tokens differ so little from their neighbours, beside the levels of prompts, that sums of products over prompts would
 * leave too few digits of the criterion.
 */
function levelsDominate(y: Float64Array, { start, length, count }: Segments): boolean {
  let squares = 0;
  let differences = 0;
  for (let s = 0; s < count; s++) {
    const end = start[s] + length[s];
    for (let i = start[s]; i < end; i++) {
      squares += y[i] * y[i];
      if (i > start[s]) differences += (y[i] - y[i - 1]) * (y[i] - y[i - 1]);
    }
  }
  return squares > 100 * differences;
}

function subtract(y: Float64Array, value: number): void {
  for (let i = 0; i < y.length; i++) y[i] -= value;
}

function divide(y: Float64Array, value: number): void {
  for (let i = 0; i < y.length; i++) y[i] /= value;
}

/** basis' theta, into the column of a unit. */
function addCoefficients(beta: Float64Array, units: number, v: number, theta: Float64Array, space: DesignSpace): void {
  const { basis, columns, rank } = space;
  for (let j = 0; j < columns; j++) {
    for (let a = 0; a < rank; a++) beta[j * units + v] += basis[a * columns + j] * theta[a];
  }
}

import { backwardSolve, cholesky, choleskyInverse, choleskyLogDeterminant, forwardSolve } from '@galvani/numerics';
import { type DesignMatrix, type DesignSpace, designSpace, nearlyCollinear } from '../design-matrix.js';
import { type Fit, unitFlag } from '../fit.js';
import type { Segments } from '../layout.js';
import { type Ar1Forms, ar1Forms, fromBasis } from './autocorrelation.js';
import { varyingColumns } from './columns.js';
import { flagUnits, offBasis, restoreLevel, smallProduct } from './least-squares.js';
import { stationaryPoint } from './minimize.js';
import { accumulateMoments } from './moments.js';

/** How an AR(1) fit treats segments and finds rho. */
export interface Ar1Options {
  /**
   * `stationary` (default): every segment starts in the stationary distribution, so its first row is scaled by
   * sqrt(1 - rho^2). `unscaled`: the first row is left as it is (nilearn).
   */
  start?: 'stationary' | 'unscaled';
  /**
   * `reml` (default): restricted maximum likelihood. `yule-walker`: the lag-1 product of least-squares residuals over
   * their sum of squares, each divided by its number of terms (nilearn); biased towards zero.
   */
  rho?: 'reml' | 'yule-walker' | Float64Array;
  /** Truncate rho to this many bins a unit, as nilearn does with 100; default 0: exact. */
  bins?: number;
}

const limit = 0.9999;

/**
 * AR(1) noise within segments, each unit at its own exact rho. One pass.
 *
 * `dispersion` is the variance of a row for a stationary start, of an innovation for an unscaled one.
 */
export function ar1Estimator(design: DesignMatrix, segments: Segments, units: number, options: Ar1Options = {}) {
  const stationary = (options.start ?? 'stationary') === 'stationary';
  const edges = stationary ? 'both' : 'last';
  const space = designSpace(design);
  const varying = stationary ? varyingColumns(design, segments) : Array.from(design.names.keys());
  const moments = accumulateMoments(
    { squares: true, neighbours: edges, varying },
    design,
    segments,
    units,
    space.constant !== undefined,
  );
  return {
    add: moments.add,
    addPrompts: moments.addPrompts,
    finish(): Fit {
      const sums = moments.finish();
      const forms = ar1Forms(sums, design, space, varying, edges);
      const { rank } = space;
      const df = design.rows - rank;
      const solver = forms.proportion ? proportionalSolver(forms, units, rank) : generalSolver(forms, units, space);
      const rho = new Float64Array(units);
      const residual = new Float64Array(units);
      const dispersion = new Float64Array(units);
      const flags = flagUnits(sums.squares as Float64Array, forms.residual[0], dispersion);
      const search = restrictedSearch(solver, df, stationary ? segments.count : 0);
      const pairs = design.rows - segments.count;
      for (let v = 0; v < units; v++) {
        if (flags[v] !== unitFlag.fine) {
          rho[v] = Number.NaN;
          continue;
        }
        if (options.rho === 'yule-walker') {
          const lag = forms.residual[1][v] / 2;
          rho[v] = pairs > 0 ? (lag / pairs / forms.residual[0][v]) * design.rows : 0;
        } else if (options.rho instanceof Float64Array) rho[v] = options.rho[v];
        else rho[v] = search(v);
        if (options.bins) rho[v] = Math.trunc(rho[v] * options.bins) / options.bins;
        residual[v] = solver.residual(v, rho[v]);
        dispersion[v] = residual[v] / df / (stationary ? 1 - rho[v] ** 2 : 1);
      }
      const beta = fromBasis(solver.coefficients(rho), space, units);
      restoreLevel(beta, sums.shift, space, flags);
      const scale = (v: number) => (stationary ? 1 - rho[v] ** 2 : 1);
      const shared = forms.proportion ? offBasis(forms.inverse, space) : undefined;
      const common = { units, design, space, beta, dispersion, df, rank, flags };
      return {
        noise: stationary ? 'ar1' : 'ar1-nilearn',
        ...common,
        parameters: { rho },
        ...(shared && {
          sharedCovariance: shared,
          covarianceScale: rho.map((r, v) => scale(v) / multipleAt(forms, r)),
        }),
        covariance: (v) => offBasis(solver.inverse(rho[v]), space).map((value) => value * scale(v)),
      };
    },
  };
}

/** A fit at any rho, from the forms: generalised least squares on what ordinary least squares left. */
interface RhoSolver {
  /** Residual sum of squares of whitened rows. */
  residual(unit: number, rho: number): number;
  /** log determinant of X' V^-1 X, up to a constant. */
  logDeterminant(rho: number): number;
  /** Slope in rho of df log(residual) + logDeterminant. */
  slope(unit: number, rho: number, df: number): number;
  /** (X' V^-1 X)^-1 on the basis. */
  inverse(rho: number): Float64Array;
  /** Coefficients on the basis, [rank x units]. */
  coefficients(rho: Float64Array): Float64Array;
}

/** The multiple of X' X that X' V^-1 X is. */
function multipleAt({ proportion }: Ar1Forms, rho: number): number {
  const { one, two } = proportion as { one: number; two: number };
  return 1 - rho * one + rho * rho * two;
}

/** Every rho shares one matrix: prompts of one length and regressors that are constant within them. */
function proportionalSolver(forms: Ar1Forms, units: number, rank: number): RhoSolver {
  const { one, two } = forms.proportion as { one: number; two: number };
  const [p1, p2] = forms.products;
  const [r0, r1, r2] = forms.residual;
  const solved1 = smallProduct(forms.inverse, rank, rank, p1, units);
  const solved2 = smallProduct(forms.inverse, rank, rank, p2, units);
  const inner11 = new Float64Array(units);
  const inner12 = new Float64Array(units);
  const inner22 = new Float64Array(units);
  for (let i = 0; i < rank; i++) {
    for (let v = 0, at = i * units; v < units; v++, at++) {
      inner11[v] += p1[at] * solved1[at];
      inner12[v] += p1[at] * solved2[at];
      inner22[v] += p2[at] * solved2[at];
    }
  }
  return {
    residual(v, rho) {
      const fitted = rho * rho * (inner11[v] - 2 * rho * inner12[v] + rho * rho * inner22[v]);
      return r0[v] - rho * r1[v] + rho * rho * r2[v] - fitted / (1 - rho * one + rho * rho * two);
    },
    logDeterminant: (rho) => rank * Math.log(multipleAt(forms, rho)),
    slope(v, rho, df) {
      const c = 1 - rho * one + rho * rho * two;
      const dc = 2 * rho * two - one;
      const a = inner11[v];
      const b = inner12[v];
      const d = inner22[v];
      const fitted = rho * rho * (a - 2 * rho * b + rho * rho * d);
      const dFitted = rho * (2 * a - 6 * rho * b + 4 * rho * rho * d);
      const sum = r0[v] - rho * r1[v] + rho * rho * r2[v] - fitted / c;
      const dSum = 2 * rho * r2[v] - r1[v] - dFitted / c + (fitted * dc) / (c * c);
      return (df * dSum) / sum + (rank * dc) / c;
    },
    inverse: (rho) => forms.inverse.map((value) => value / multipleAt(forms, rho)),
    coefficients(rho) {
      const theta = Float64Array.from(forms.theta);
      for (let i = 0; i < rank; i++) {
        for (let v = 0, at = i * units; v < units; v++, at++) {
          if (Number.isNaN(rho[v])) continue;
          theta[at] += ((rho[v] * solved2[at] - solved1[at]) * rho[v]) / multipleAt(forms, rho[v]);
        }
      }
      return theta;
    },
  };
}

function generalSolver(forms: Ar1Forms, units: number, space: DesignSpace): RhoSolver {
  const { rank } = space;
  const [p1, p2] = forms.products;
  const [r0, r1, r2] = forms.residual;
  const factor = new Float64Array(rank * rank);
  const right = new Float64Array(rank);
  const factorAt = (rho: number) => {
    for (let at = 0; at < factor.length; at++) {
      factor[at] = forms.gram[0][at] - rho * forms.gram[1][at] + rho * rho * forms.gram[2][at];
    }
    if (!cholesky(factor, rank)) throw nearlyCollinear(space);
  };
  const rightAt = (v: number, rho: number) => {
    for (let i = 0; i < rank; i++) right[i] = rho * (rho * p2[i * units + v] - p1[i * units + v]);
  };
  let factored = Number.NaN;
  return {
    residual(v, rho) {
      if (factored !== rho) factorAt(rho);
      factored = rho;
      rightAt(v, rho);
      forwardSolve(factor, rank, right);
      let sum = r0[v] - rho * r1[v] + rho * rho * r2[v];
      for (let i = 0; i < rank; i++) sum -= right[i] * right[i];
      return sum;
    },
    logDeterminant(rho) {
      if (factored !== rho) factorAt(rho);
      factored = rho;
      return choleskyLogDeterminant(factor, rank);
    },
    slope(v, rho, df) {
      if (factored !== rho) factorAt(rho);
      factored = rho;
      rightAt(v, rho);
      const gradient = Float64Array.from(right, (_, i) => 2 * rho * p2[i * units + v] - p1[i * units + v]);
      forwardSolve(factor, rank, right);
      let sum = r0[v] - rho * r1[v] + rho * rho * r2[v];
      for (let i = 0; i < rank; i++) sum -= right[i] * right[i];
      backwardSolve(factor, rank, right);
      const inverse = choleskyInverse(factor, rank);
      let dSum = 2 * rho * r2[v] - r1[v];
      let trace = 0;
      for (let i = 0; i < rank; i++) {
        dSum -= 2 * gradient[i] * right[i];
        for (let j = 0; j < rank; j++) {
          const dGram = 2 * rho * forms.gram[2][i * rank + j] - forms.gram[1][i * rank + j];
          dSum += right[i] * dGram * right[j];
          trace += inverse[i * rank + j] * dGram;
        }
      }
      return (df * dSum) / sum + trace;
    },
    inverse(rho) {
      factored = Number.NaN;
      factorAt(rho);
      return choleskyInverse(factor, rank);
    },
    coefficients(rho) {
      const theta = Float64Array.from(forms.theta);
      factored = Number.NaN;
      for (let v = 0; v < units; v++) {
        if (Number.isNaN(rho[v])) continue;
        factorAt(rho[v]);
        rightAt(v, rho[v]);
        forwardSolve(factor, rank, right);
        backwardSolve(factor, rank, right);
        for (let i = 0; i < rank; i++) theta[i * units + v] += right[i];
      }
      return theta;
    },
  };
}

/**
 * The rho of a unit by restricted maximum likelihood: the best of a few evenly spaced values, then the root of the slope
 * beside it. Source: Harville, JASA 72 (1977).
 */
function restrictedSearch(solver: RhoSolver, df: number, starts: number): (unit: number) => number {
  const points = 17;
  const grid = Float64Array.from({ length: points }, (_, k) => limit * ((2 * k) / (points - 1) - 1));
  const penalty = grid.map((rho) => solver.logDeterminant(rho) - starts * Math.log(1 - rho * rho));
  return (unit) => {
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let k = 0; k < points; k++) {
      const value = df * Math.log(solver.residual(unit, grid[k])) + penalty[k];
      if (value < least) {
        least = value;
        best = k;
      }
    }
    const slope = (rho: number) => solver.slope(unit, rho, df) + (2 * starts * rho) / (1 - rho * rho);
    return stationaryPoint(slope, grid[Math.max(0, best - 1)], grid[best], grid[Math.min(points - 1, best + 1)]);
  };
}

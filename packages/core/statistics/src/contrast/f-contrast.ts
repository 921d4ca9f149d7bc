import { cholesky, columnSpace, fLogSf, forwardSolve, zFromLogP } from '@galvani/numerics';
import { UserMistake } from '@galvani/terminal';
import { partialEtaSquaredInterval } from '../effect-size/partial-eta-squared.js';
import { type Fit, unitFlag } from '../fit.js';
import { requireEstimable } from './estimability.js';

/** An F contrast of every unit. NaN for flagged units. */
export interface FContrastResult {
  kind: 'F';
  name: string;
  /** Sum over the contrast's directions of squared effect over variance, divided by `df1`. */
  F: Float64Array;
  /** Numerator degrees of freedom: the rank of the contrast. */
  df1: number;
  /** Denominator degrees of freedom: one number, or one a unit. */
  df: number | Float64Array;
  /** The normal deviate with F's upper tail; never clipped. */
  z: Float64Array;
  /** log10 of p. */
  log10p: Float64Array;
  /** F df1 / (F df1 + df). */
  partialEtaSquared: Float64Array;
  /** Lower end of its 95% interval (non-central F). */
  lower: Float64Array;
  /** Upper end of its 95% interval. */
  upper: Float64Array;
}

/**
 * An F contrast of a fit: the joint test that every row's weighted sum of coefficients is zero.
 *
 * @param rows vectors of one weight for each column; rows that follow from others count once
 * Throws a UserMistake where the design cannot estimate the contrast, with the columns that are to blame.
 */
export function contrastF(fit: Fit, rows: readonly Float64Array[], name = 'contrast'): FContrastResult {
  requireEstimable(rows, fit.design, fit.space, `'${name}'`);
  const { units, flags } = fit;
  const independent = independentRows(rows);
  const k = independent.length;
  const columns = fit.design.columns;
  const F = new Float64Array(units);
  const effects = new Float64Array(k);
  const own = fit.contrastCovariance?.(independent);
  let factor =
    fit.sharedCovariance === undefined ? undefined : factorOf(name, independent, fit.sharedCovariance, columns);
  for (let v = 0; v < units; v++) {
    if (flags[v] !== unitFlag.fine) {
      F[v] = Number.NaN;
      continue;
    }
    if (own) {
      factor = own.covariance.slice(v * k * k, (v + 1) * k * k);
      // A unit that one of the conditions does not move at all has no F; the contrast's rows are independent.
      if (!cholesky(factor, k)) {
        F[v] = Number.NaN;
        continue;
      }
    } else if (fit.sharedCovariance === undefined) factor = factorOf(name, independent, fit.covariance(v), columns);
    for (let i = 0; i < k; i++) {
      effects[i] = 0;
      for (let j = 0; j < columns; j++) effects[i] += independent[i][j] * fit.beta[j * units + v];
    }
    forwardSolve(factor as Float64Array, k, effects);
    let sum = 0;
    for (const value of effects) sum += value * value;
    F[v] = own ? sum / own.divisor[v] : sum / k / fit.dispersion[v] / (fit.covarianceScale?.[v] ?? 1);
  }
  if (own) return fResult(name, F, k, own.df);
  return fResult(name, F, k, fit.contrastDf?.(independent) ?? fit.df);
}

/** The statistics of F with df1 and df degrees of freedom. */
export function fResult(name: string, F: Float64Array, df1: number, df: number | Float64Array): FContrastResult {
  const z = new Float64Array(F.length);
  const log10p = new Float64Array(F.length);
  const partialEtaSquared = new Float64Array(F.length);
  for (let v = 0; v < F.length; v++) {
    const nu = typeof df === 'number' ? df : df[v];
    const log = fLogSf(F[v], df1, nu);
    z[v] = zFromLogP(log);
    log10p[v] = log / Math.LN10;
    partialEtaSquared[v] = (F[v] * df1) / (F[v] * df1 + nu);
  }
  const { lower, upper } = partialEtaSquaredInterval(F, df1, df);
  return { kind: 'F', name, F, df1, df, z, log10p, partialEtaSquared, lower, upper };
}

/** A largest set of independent rows, in the order given. */
function independentRows(rows: readonly Float64Array[]): Float64Array[] {
  const columns = rows.length;
  const length = rows[0].length;
  const transposed = new Float64Array(length * columns);
  rows.forEach((row, j) => {
    for (let i = 0; i < length; i++) transposed[i * columns + j] = row[i];
  });
  const { rank, pivots } = columnSpace(transposed, length, columns);
  return Array.from(pivots.subarray(0, rank))
    .sort((a, b) => a - b)
    .map((j) => rows[j]);
}

/** Cholesky factor of R C R', [k x k]. */
function factorOf(
  name: string,
  rows: readonly Float64Array[],
  covariance: Float64Array,
  columns: number,
): Float64Array {
  const k = rows.length;
  const inner = new Float64Array(k * k);
  const half = new Float64Array(columns);
  for (let i = 0; i < k; i++) {
    half.fill(0);
    for (let a = 0; a < columns; a++) {
      if (rows[i][a] !== 0) for (let b = 0; b < columns; b++) half[b] += rows[i][a] * covariance[a * columns + b];
    }
    for (let j = 0; j < k; j++) for (let b = 0; b < columns; b++) inner[i * k + j] += half[b] * rows[j][b];
  }
  if (!cholesky(inner, k))
    throw new UserMistake(
      `The rows of the F contrast '${name}' are too close to following from each other: leave one out.`,
    );
  return inner;
}

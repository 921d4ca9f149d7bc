import { fLogSf, invertSymmetric, tLogTwoSided } from '@galvani/numerics';
import { type Fit, unitFlag } from '../fit.js';

/** What calibration needs of a contrast: contrastT and contrastF without their costly intervals of effect sizes. */
export interface ContrastP {
  /** Log10 of the two-sided p of t, or of the p of F; NaN for flagged units. */
  readonly log10p: Float64Array;
  /** Weighted sum of coefficients (the first row's), in the units of the series. */
  readonly effect: Float64Array;
  /** Its standard error. */
  readonly error: Float64Array;
  /** Degrees of freedom of each unit. */
  readonly df: Float64Array;
}

/** @param rows of the contrast, independent: one gives t, more give F */
export function contrastP(fit: Fit, rows: readonly Float64Array[]): ContrastP {
  const { units } = fit;
  const k = rows.length;
  const columns = fit.design.columns;
  const own = fit.contrastCovariance?.(rows);
  const given = own?.df ?? fit.contrastDf?.(rows) ?? fit.df;
  const df = typeof given === 'number' ? new Float64Array(units).fill(given) : given;
  const effect = new Float64Array(units);
  const error = new Float64Array(units);
  const log10p = new Float64Array(units).fill(Number.NaN);
  const shared = own ? undefined : fit.sharedCovariance && between(rows, fit.sharedCovariance, columns);
  const sharedInverse = shared && invertSymmetric(shared, k);
  for (let unit = 0; unit < units; unit++) {
    if (fit.flags[unit] !== unitFlag.fine) continue;
    const scale = own ? 1 : fit.dispersion[unit] * (fit.covarianceScale?.[unit] ?? 1);
    const covariance = own
      ? own.covariance.subarray(unit * k * k, (unit + 1) * k * k)
      : (shared ?? between(rows, fit.covariance(unit), columns));
    const inverse = sharedInverse ?? invertSymmetric(covariance, k)!;
    const effects = rows.map((row) => row.reduce((sum, weight, j) => sum + weight * fit.beta[j * units + unit], 0));
    effect[unit] = effects[0];
    error[unit] = Math.sqrt(covariance[0] * scale);
    let square = 0;
    for (let i = 0; i < k; i++) for (let j = 0; j < k; j++) square += effects[i] * inverse[i * k + j] * effects[j];
    const log =
      k === 1
        ? tLogTwoSided(effects[0] / error[unit], df[unit])
        : fLogSf(square / (own?.divisor[unit] ?? k) / scale, k, df[unit]);
    log10p[unit] = log / Math.LN10;
  }
  return { log10p, effect, error, df };
}

/** C V C', [k x k]. */
function between(rows: readonly Float64Array[], covariance: Float64Array, columns: number): Float64Array {
  const out = new Float64Array(rows.length ** 2);
  rows.forEach((a, i) => {
    rows.forEach((b, j) => {
      let sum = 0;
      for (let p = 0; p < columns; p++)
        if (a[p] !== 0) for (let q = 0; q < columns; q++) sum += a[p] * covariance[p * columns + q] * b[q];
      out[i * rows.length + j] = sum;
    });
  });
  return out;
}

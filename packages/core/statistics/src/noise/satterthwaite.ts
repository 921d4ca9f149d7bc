import { cholesky, forwardSolve, invertSymmetric } from '@galvani/numerics';
import { hessianOf } from './newton.js';

/**
 * Degrees of freedom of a contrast whose variance rests on estimated variance parameters: 2 v^2 / (g' C g), with v the
 * contrast's variance, g its gradient and C the parameters' covariance, the inverse of half the curvature of -2 log REML.
 * Several rows are joined as Fai and Cornelius do.
 *
 * @param at the estimates
 * @param df rows less rank
 * @param likelihood residual sum of squares and log determinants at other values
 * @param covariance (X' V^-1 X)^-1 at other values, [columns x columns]
 * Source: Satterthwaite, Biometrics Bulletin 2 (1946); Fai and Cornelius, J Stat Comput Sim 54 (1996).
 */
export function satterthwaite(
  at: readonly number[],
  df: number,
  likelihood: (at: readonly number[]) => { residual: number; logs: number },
  covariance: (at: readonly number[]) => Float64Array,
  weights: readonly Float64Array[],
): number {
  const n = at.length + 1;
  const estimate = [...at, Math.log(likelihood(at).residual / df)];
  const hessian = hessianOf((point) => {
    const { residual, logs } = likelihood(point.slice(0, -1));
    const logVariance = point[n - 1];
    return df * logVariance + residual * Math.exp(-logVariance) + logs;
  }, estimate);
  const parameters = parameterCovariance(hessian, n);
  const here = covariance(at);
  const rows = uncorrelated(weights, here);
  const step = 1e-4;
  const gradients = rows.map(() => new Float64Array(n));
  for (let i = 0; i < n - 1; i++) {
    const up = covariance(at.map((value, k) => (k === i ? value + step : value)));
    const down = covariance(at.map((value, k) => (k === i ? value - step : value)));
    rows.forEach((row, r) => {
      gradients[r][i] = (quadratic(row, up) - quadratic(row, down)) / (2 * step);
    });
  }
  const each = rows.map((row, r) => {
    const variance = quadratic(row, here);
    gradients[r][n - 1] = variance;
    let spread = 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) spread += gradients[r][i] * parameters[i * n + j] * gradients[r][j];
    }
    return (2 * variance * variance) / spread;
  });
  if (each.length === 1) return each[0];
  const expected = each.reduce((sum, own) => sum + (own > 2 ? own / (own - 2) : 0), 0);
  return expected > each.length ? (2 * expected) / (expected - each.length) : Number.NaN;
}

/**
 * The parameters' covariance [n x n], the inverse of half the curvature. Where that has no inverse, parameters that the
 * likelihood is flattest in lie at a bound of theirs, and count as known: their rows and columns are zero. The last, the
 * logarithm of the variance, always has a curvature.
 */
function parameterCovariance(hessian: Float64Array, n: number): Float64Array {
  const kept = Array.from({ length: n }, (_, i) => i);
  for (;;) {
    const m = kept.length;
    const information = Float64Array.from({ length: m * m }, (_, at) => {
      return hessian[kept[Math.floor(at / m)] * n + kept[at % m]] / 2;
    });
    const inverse = invertSymmetric(information, m);
    if (inverse) {
      const covariance = new Float64Array(n * n);
      kept.forEach((i, a) => {
        kept.forEach((j, b) => {
          covariance[i * n + j] = inverse[a * m + b];
        });
      });
      return covariance;
    }
    if (m === 1) return new Float64Array(n * n).fill(Number.NaN);
    const curvatureOf = (i: number) => hessian[i * n + i];
    const flattest = kept.slice(0, -1).reduce((a, b) => (curvatureOf(b) < curvatureOf(a) ? b : a));
    kept.splice(kept.indexOf(flattest), 1);
  }
}

/** Combinations of the rows whose estimates are uncorrelated. */
function uncorrelated(weights: readonly Float64Array[], covariance: Float64Array): Float64Array[] {
  const k = weights.length;
  if (k === 1) return [...weights];
  const inner = new Float64Array(k * k);
  for (let i = 0; i < k; i++)
    for (let j = 0; j < k; j++) inner[i * k + j] = bilinear(weights[i], covariance, weights[j]);
  cholesky(inner, k);
  const out = weights.map((row) => new Float64Array(row.length));
  const column = new Float64Array(k);
  for (let c = 0; c < weights[0].length; c++) {
    for (let i = 0; i < k; i++) column[i] = weights[i][c];
    forwardSolve(inner, k, column);
    for (let i = 0; i < k; i++) out[i][c] = column[i];
  }
  return out;
}

function quadratic(w: Float64Array, covariance: Float64Array): number {
  return bilinear(w, covariance, w);
}

function bilinear(a: Float64Array, covariance: Float64Array, b: Float64Array): number {
  const n = a.length;
  let sum = 0;
  for (let i = 0; i < n; i++) if (a[i] !== 0) for (let j = 0; j < n; j++) sum += a[i] * covariance[i * n + j] * b[j];
  return sum;
}

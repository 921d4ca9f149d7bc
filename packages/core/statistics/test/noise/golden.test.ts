import { describe, expect, test } from 'vitest';
import { expectWithinRelative } from '../../../../../test/closeness.js';
import { contrastF, contrastT, createEstimator, type Fit, segmentsOf, uniformLayout } from '../../src/index.js';
import { ar1Estimator } from '../../src/noise/ar1.js';
import { armaFilter, whiten } from '../../src/noise/arma-whitening.js';
import { arma11Estimator } from '../../src/noise/arma11.js';
import { golden, goldenDesign, goldenRow } from '../golden.js';

const V = 64;
const P = 8;
const design = goldenDesign(1);
const layout = uniformLayout(1, 1, 600);
const whole = segmentsOf(layout);
const Y = golden('run1_Y');

/** Rows in three chunks, so that golden numbers are also met across their borders. */
function fitted(estimator: { add(rows: Float64Array, firstRow: number): void; finish(): Fit }): Fit {
  for (const [from, until] of [
    [0, 1],
    [1, 318],
    [318, 600],
  ]) {
    estimator.add(Y.subarray(from * V, until * V), from);
  }
  return estimator.finish();
}

/** beta, dispersion, t and F contrasts against one model of the golden set. */
function expectGolden(fit: Fit, name: string, dispersion: (v: number) => number = () => 1): void {
  expect(fit.df).toBe(592);
  expectWithinRelative(fit.beta, golden(`${name}_beta`), 1e-9, 'beta');
  expectWithinRelative(
    fit.dispersion.map((value, v) => value * dispersion(v)),
    golden(`${name}_dispersion`),
    1e-9,
    'dispersion',
  );
  for (let i = 0; i < 4; i++) {
    const result = contrastT(fit, goldenRow('contrast_t', i, P));
    expectWithinRelative(result.effect, goldenRow(`${name}_t_effect`, i, V), 1e-9, 'effect');
    expectWithinRelative(result.variance, goldenRow(`${name}_t_variance`, i, V), 1e-9, 'variance');
    expectWithinRelative(result.t, goldenRow(`${name}_t_t`, i, V), 1e-9, 't');
    expectWithinRelative(result.z, goldenRow(`${name}_t_z`, i, V), 1e-9, 'z');
    // 50 digits of the golden tails hold no log of a probability within 1e-48 of one.
    const logs = goldenRow(`${name}_t_logsf`, i, V);
    result.log10pGreater.forEach((log, v) => {
      if (result.t[v] > -14) expectWithinRelative([log * Math.LN10], [logs[v]], 1e-9, 'log p');
    });
  }
  for (let i = 0; i < 3; i++) {
    const weights = golden(`contrast_F${i}`);
    const rows = Array.from({ length: weights.length / P }, (_, k) => weights.slice(k * P, k * P + P));
    const result = contrastF(fit, rows);
    expectWithinRelative(result.F, goldenRow(`${name}_F`, i, V), 1e-9, 'F');
    expectWithinRelative(result.z, goldenRow(`${name}_F_z`, i, V), 1e-9, 'z of F');
    expectWithinRelative(
      result.log10p.map((log) => log * Math.LN10),
      goldenRow(`${name}_F_logsf`, i, V),
      1e-9,
      'log p of F',
    );
  }
}

describe('nilearn, statsmodels and mpmath', () => {
  test('ordinary least squares', () => {
    expectGolden(fitted(createEstimator('ols', design, layout, V)), 'ols');
  });
  test('AR(1) as nilearn fits it, in bins of 1/100', () => {
    const fit = fitted(createEstimator('ar1-nilearn', design, layout, V));
    expect(fit.parameters.rho).toEqual(golden('rho_bin100'));
    expectGolden(fit, 'ar1_bin100');
  });
  test('AR(1) at exact rho, first row unscaled', () => {
    const fit = fitted(ar1Estimator(design, whole, V, { start: 'unscaled', rho: 'yule-walker' }));
    expectWithinRelative(fit.parameters.rho, golden('rho_yw'), 1e-9, 'rho');
    expectGolden(fit, 'ar1_exact');
  });
  test('AR(1), stationary start (Prais and Winsten)', () => {
    const fit = fitted(ar1Estimator(design, whole, V, { rho: 'yule-walker' }));
    expectGolden(fit, 'ar1_pw', (v) => 1 - fit.parameters.rho[v] ** 2);
  });
  test('AR(1) at REML’s rho', () => {
    expectGolden(fitted(ar1Estimator(design, whole, V, { rho: golden('rho_reml') })), 'ar1_reml');
  });
  test('ARMA(1,1) at REML’s parameters', () => {
    const both = golden('arma11_reml_ab');
    const parameters = { ar: both.slice(0, V), ma: both.slice(V) };
    expectGolden(fitted(arma11Estimator(design, whole, V, { parameters })), 'arma11_reml');
  });
});

/** -2 log REML of one unit by whitening its rows. */
function criterion(y: Float64Array, ar: number, ma: number): number {
  const filter = armaFilter(ar, ma, whole);
  const X = new Float64Array(600 * P);
  const wy = new Float64Array(600);
  whiten(filter, whole, design.X, P, X);
  whiten(filter, whole, y, 1, wy);
  const estimator = createEstimator('ols', { ...design, X }, layout, 1);
  estimator.add(wy, 0);
  const fit = estimator.finish();
  const covariance = fit.covariance(0);
  // log determinant of the Gram matrix by elimination of its inverse.
  let logs = 0;
  const a = Array.from({ length: P }, (_, i) => Array.from(covariance.subarray(i * P, i * P + P)));
  for (let k = 0; k < P; k++) {
    logs -= Math.log(a[k][k]);
    for (let i = k + 1; i < P; i++) for (let j = P - 1; j >= k; j--) a[i][j] -= (a[i][k] / a[k][k]) * a[k][j];
  }
  return 592 * Math.log(fit.dispersion[0]) + logs + filter.logDeterminant;
}

describe('REML estimates', () => {
  const column = (v: number) => Float64Array.from({ length: 600 }, (_, i) => Y[i * V + v]);
  test('rho is where the likelihood of the golden search is, or better', () => {
    const fit = fitted(createEstimator('ar1', design, layout, V));
    const rho = golden('rho_reml');
    fit.parameters.rho.forEach((own, v) => {
      expect(Math.abs(own - rho[v])).toBeLessThan(1e-5);
      if (v % 8 === 0) expect(criterion(column(v), own, 0)).toBeLessThan(criterion(column(v), rho[v], 0) + 1e-8);
    });
  });
  test('ARMA parameters are as likely as the golden search’s, or more', () => {
    const some = [0, 7, 30, 45, 60];
    const estimator = createEstimator('arma11', design, layout, some.length);
    const series = new Float64Array(600 * some.length);
    some.forEach((v, k) => {
      for (let i = 0; i < 600; i++) series[i * some.length + k] = Y[i * V + v];
    });
    estimator.add(series, 0);
    const { ar, ma } = estimator.finish().parameters;
    const both = golden('arma11_reml_ab');
    some.forEach((v, k) => {
      expect(criterion(column(v), ar[k], ma[k])).toBeLessThan(criterion(column(v), both[v], both[V + v]) + 1e-4);
    });
  });
});

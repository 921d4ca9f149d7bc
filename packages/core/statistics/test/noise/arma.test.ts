import { randomStream } from '@galvani/numerics';
import { expect, test } from 'vitest';
import { expectWithinRelative } from '../../../../../test/closeness.js';
import { blockDesign, contrastT, createEstimator, segmentsOf, uniformLayout } from '../../src/index.js';
import { balancedArma } from '../../src/noise/arma-balanced.js';
import { generalArma } from '../../src/noise/arma-general.js';
import { armaFilter, whiten } from '../../src/noise/arma-whitening.js';

const layout = uniformLayout(2, 12, 9);
const segments = segmentsOf(layout);
const rows = layout.run.length;
const design = blockDesign(
  layout,
  Array.from(layout.prompt, (p) => ['a', 'rest', 'b'][p % 3]),
);

test('whitening an impulse response by autocovariances: W V W’ is the identity', () => {
  const [ar, ma, n] = [0.7, -0.4, 6];
  const variance = (1 + 2 * ar * ma + ma * ma) / (1 - ar * ar);
  const first = ((1 + ar * ma) * (ar + ma)) / (1 - ar * ar) / variance;
  const V = Float64Array.from({ length: n * n }, (_, at) => {
    const lag = Math.abs(Math.floor(at / n) - (at % n));
    return lag === 0 ? 1 : first * ar ** (lag - 1);
  });
  const one = segmentsOf(uniformLayout(1, 1, n));
  const half = new Float64Array(n * n);
  whiten(armaFilter(ar, ma, one), one, V, n, half);
  const turned = Float64Array.from(half, (_, at) => half[(at % n) * n + Math.floor(at / n)]);
  const out = new Float64Array(n * n);
  whiten(armaFilter(ar, ma, one), one, turned, n, out);
  out.forEach((value, at) => {
    expect(value).toBeCloseTo(at % (n + 1) === 0 ? 1 : 0, 12);
  });
});

test('equal prompts: products over prompts say what whitened rows say', () => {
  const random = randomStream(2, 'arma');
  const y = Float64Array.from({ length: rows }, () => random.normal());
  const [a, b] = [generalArma, balancedArma].map((make) => make(design.X, rows, design.columns, segments, 4));
  a.load(y);
  b.load(y);
  const difference = a.criterion(0, 0) - b.criterion(0, 0);
  for (const [ar, ma] of [
    [0.5, 0.3],
    [0.95, -0.7],
    [-0.6, 0.1],
  ]) {
    const [left, right] = [a.fit(ar, ma), b.fit(ar, ma)];
    expectWithinRelative([right.residual], [left.residual], 1e-11);
    expectWithinRelative(right.theta, left.theta, 1e-8);
    expectWithinRelative(b.inverse(ar, ma), a.inverse(ar, ma), 1e-10);
    expect(a.criterion(ar, ma) - b.criterion(ar, ma)).toBeCloseTo(difference, 8);
  }
});

test('finds the parameters of simulated noise, and AR(1) where there is no more', () => {
  const units = 60;
  const long = uniformLayout(2, 12, 60);
  const series = new Float64Array(long.run.length * units);
  for (let v = 0; v < units; v++) {
    const random = randomStream(3, 'arma', v);
    const moving = v < 30 ? 0.4 : 0;
    let state = 0;
    let error = 0;
    for (let i = 0; i < long.run.length; i++) {
      if (long.position[i] === 0) {
        state = 0;
        error = 0;
        for (let burn = 0; burn < 60; burn++) {
          const e = random.normal();
          state = 0.6 * state + e + moving * error;
          error = e;
        }
      }
      const e = random.normal();
      state = 0.6 * state + e + moving * error;
      error = e;
      series[i * units + v] = state;
    }
  }
  const block = blockDesign(
    long,
    Array.from(long.prompt, (p) => ['a', 'rest', 'b'][p % 3]),
  );
  const estimator = createEstimator('arma11', block, long, units);
  estimator.add(series, 0);
  const fit = estimator.finish();
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const { ar, ma } = fit.parameters;
  expect(Math.abs(mean(ar.slice(0, 30)) - 0.6)).toBeLessThan(0.02);
  expect(Math.abs(mean(ma.slice(0, 30)) - 0.4)).toBeLessThan(0.02);
  expect(Math.abs(mean(ar.slice(30)) - 0.6)).toBeLessThan(0.03);
  expect(Math.abs(mean(ma.slice(30)))).toBeLessThan(0.03);
  expect(contrastT(fit, Float64Array.of(1, -1, 0, 0)).t.every(Number.isFinite)).toBe(true);
});

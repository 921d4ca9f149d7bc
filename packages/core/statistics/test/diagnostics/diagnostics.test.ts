import { randomStream } from '@galvani/numerics';
import { describe, expect, test } from 'vitest';
import { blockDesign, createDiagnostics, createEstimator, outlierUnits, uniformLayout } from '../../src/index.js';

const layout = uniformLayout(2, 40, 12);
const rows = layout.run.length;
const design = blockDesign(
  layout,
  Array.from(layout.prompt, (p) => (p % 2 ? 'rest' : 'a')),
);
const units = 300;

/** AR(1) rows plus a prompt effect of standard deviation `tau`. */
function simulate(rho: number, tau: number): Float64Array {
  const random = randomStream(11, 'diagnostics', rho, tau);
  const series = new Float64Array(rows * units);
  for (let v = 0; v < units; v++) {
    let own = 0;
    let state = 0;
    for (let i = 0; i < rows; i++) {
      const fresh = layout.position[i] === 0;
      if (fresh) own = tau * random.normal();
      state = fresh ? random.normal() : rho * state + Math.sqrt(1 - rho * rho) * random.normal();
      series[i * units + v] = own + state;
    }
  }
  return series;
}

function diagnose(series: Float64Array, noise: 'ols' | 'ar1', whiten = false) {
  const estimator = createEstimator(noise, design, layout, units);
  estimator.add(series, 0);
  const diagnostics = createDiagnostics(estimator.finish(), design, layout, { whiten });
  for (let i = 0; i < rows; i += 100) {
    diagnostics.add(series.subarray(i * units, Math.min(rows, i + 100) * units), i);
  }
  return diagnostics.finish();
}
const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
const share = (log10p: Float64Array) => log10p.filter((log) => log < Math.log10(0.05)).length / units;

describe('residual diagnostics', () => {
  test('white noise looks white', () => {
    const found = diagnose(simulate(0, 0), 'ols');
    expect(Math.abs(mean(found.lag1))).toBeLessThan(0.01);
    expect(Math.abs(mean(found.intraclass))).toBeLessThan(0.01);
    expect(mean(found.deviation)).toBeCloseTo(1, 1);
    expect(Math.abs(mean(found.kurtosis))).toBeLessThan(0.05);
    expect(share(found.ljungBoxLog10p)).toBeLessThan(0.09);
    expect(share(found.ljungBoxLog10p)).toBeGreaterThan(0.02);
  });
  test('finds autocorrelation, and none after whitening by the fit', () => {
    const series = simulate(0.5, 0);
    const found = diagnose(series, 'ar1');
    expect(mean(found.lag1)).toBeCloseTo(0.5, 1);
    expect(share(found.ljungBoxLog10p)).toBe(1);
    const whitened = diagnose(series, 'ar1', true);
    expect(Math.abs(mean(whitened.lag1))).toBeLessThan(0.01);
    expect(share(whitened.ljungBoxLog10p)).toBeLessThan(0.09);
  });
  test('finds the prompt’s share of the variance', () => {
    const found = diagnose(simulate(0, 0.7), 'ols');
    expect(Math.abs(mean(found.intraclass) - 0.49 / 1.49)).toBeLessThan(0.015);
  });
});

test('outlier units are those far from the median, furthest first', () => {
  const values = Float64Array.from({ length: 100 }, (_, i) => Math.sin(i));
  values[7] = 40;
  values[9] = -90;
  values[11] = Number.NaN;
  expect(Array.from(outlierUnits(values))).toEqual([9, 7]);
});

import { noncentralFCdf, noncentralTCdf, randomStream } from '@galvani/numerics';
import { describe, expect, test } from 'vitest';
import {
  blockDesign,
  cohensDInterval,
  contrastT,
  createEstimator,
  partialEtaSquaredInterval,
  uniformLayout,
} from '../../src/index.js';

describe('Cohen’s d', () => {
  test('is the difference of two groups over their pooled standard deviation, with R’s (MBESS ci.smd) interval', () => {
    // Two groups of 10, t = 2.5, so d = 2.5 sqrt(2 / 10).
    const { lower, upper } = cohensDInterval(Float64Array.of(2.5), Float64Array.of(0.2), 18);
    expect(noncentralTCdf(2.5, 18, lower[0] / Math.sqrt(0.2))).toBeCloseTo(0.975, 9);
    expect(noncentralTCdf(2.5, 18, upper[0] / Math.sqrt(0.2))).toBeCloseTo(0.025, 9);
    expect(lower[0]).toBeLessThan(2.5 * Math.sqrt(0.2));
    expect(upper[0]).toBeGreaterThan(2.5 * Math.sqrt(0.2));
  });
  test.each([5, 102, 4000.5])('reads %f degrees of freedom from a table to 1e-7 of the interval', (df) => {
    const t = Float64Array.from({ length: 400 }, (_, i) => Math.sinh((i / 400 - 0.5) * 12));
    const unscaled = new Float64Array(400).fill(1);
    const table = cohensDInterval(t, unscaled, df);
    for (let i = 3; i < 400; i += 23) {
      const exact = cohensDInterval(t.slice(i, i + 1), unscaled.slice(0, 1), df);
      const width = exact.upper[0] - exact.lower[0];
      expect(Math.abs(table.lower[i] - exact.lower[0]) / width).toBeLessThan(1e-7);
      expect(Math.abs(table.upper[i] - exact.upper[0]) / width).toBeLessThan(1e-7);
    }
  });
  test('intervals of d and of the effect cover 94 to 96%', () => {
    const units = 4000;
    const layout = uniformLayout(1, 24, 2);
    const random = randomStream(5, 'coverage');
    const estimator = createEstimator(
      'prompt',
      blockDesign(
        layout,
        Array.from(layout.prompt, (p) => (p % 2 ? 'rest' : 'a')),
      ),
      layout,
      units,
    );
    const series = new Float64Array(48 * units);
    for (let p = 0; p < 24; p++) {
      for (let v = 0; v < units; v++) {
        const level = random.normal() + (p % 2 ? 0 : 0.8);
        series[2 * p * units + v] = level;
        series[(2 * p + 1) * units + v] = level;
      }
    }
    estimator.add(series, 0);
    const { dLower, dUpper, lower, upper } = contrastT(estimator.finish(), Float64Array.of(1, 0));
    const covered = (low: Float64Array, high: Float64Array) =>
      low.filter((value, v) => value <= 0.8 && high[v] >= 0.8).length / units;
    for (const share of [covered(dLower, dUpper), covered(lower, upper)]) {
      expect(share).toBeGreaterThan(0.94);
      expect(share).toBeLessThan(0.96);
    }
  });
});

describe('partial eta squared', () => {
  test('ends where the observed F is at 2.5% and 97.5%, and starts at zero where F is small', () => {
    const { lower, upper } = partialEtaSquaredInterval(Float64Array.of(0.3, 6, 50), 3, 60);
    expect(lower[0]).toBe(0);
    [6, 50].forEach((f, i) => {
      const lambda = (eta: number) => (eta / (1 - eta)) * 64;
      expect(noncentralFCdf(f, 3, 60, lambda(lower[i + 1]))).toBeCloseTo(0.975, 8);
      expect(noncentralFCdf(f, 3, 60, lambda(upper[i + 1]))).toBeCloseTo(0.025, 8);
    });
  });
  test('reads many units from a table', () => {
    const F = Float64Array.from({ length: 300 }, (_, i) => Math.exp(i / 30 - 3));
    const table = partialEtaSquaredInterval(F, 5, 90);
    for (let i = 0; i < 300; i += 31) {
      const exact = partialEtaSquaredInterval(F.slice(i, i + 1), 5, 90);
      expect(Math.abs(table.lower[i] - exact.lower[0])).toBeLessThan(1e-8);
      expect(Math.abs(table.upper[i] - exact.upper[0])).toBeLessThan(1e-8);
    }
  });
});

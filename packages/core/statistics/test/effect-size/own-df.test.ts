import { noncentralTDelta, tQuantile } from '@galvani/numerics';
import { expect, test } from 'vitest';
import { twoSidedQuantile } from '../../src/contrast/two-sided-quantile.js';
import { cohensDInterval } from '../../src/index.js';

test('intervals of units with their own degrees of freedom are within 1e-5 of their length', () => {
  for (const df of [2, 3.7, 15.9, 16, 44.7, 430])
    for (const t of [-80, -5.3, -0.3, 0.77, 4.4, 12, 60]) {
      const { lower, upper } = cohensDInterval(Float64Array.of(t), Float64Array.of(1), Float64Array.of(df));
      const [low, high] = [noncentralTDelta(t, df, 0.975), noncentralTDelta(t, df, 0.025)];
      expect(Math.abs(lower[0] - low)).toBeLessThan(1e-5 * (high - low));
      expect(Math.abs(upper[0] - high)).toBeLessThan(1e-5 * (high - low));
    }
});

test('quantiles of units with their own degrees of freedom are those of t', () => {
  for (let df = 1; df < 5000; df *= 1.31) expect(twoSidedQuantile(df) / tQuantile(0.975, df)).toBeCloseTo(1, 12);
});

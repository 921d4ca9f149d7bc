import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pooledEffect, runEffect } from '../../src/task-effect/run-effect.js';

/** Ordinary least squares by normal equations on run intercepts and the task, for one unit: the textbook form. */
function leastSquares(runs: { y: number[]; x: number[] }[]): { effect: number; t: number; df: number } {
  let sxx = 0;
  let sxy = 0;
  let syy = 0;
  let n = 0;
  for (const { y, x } of runs) {
    const mean = (v: number[]) => v.reduce((a, b) => a + b, 0) / v.length;
    const my = mean(y);
    const mx = mean(x);
    y.forEach((value, i) => {
      sxx += (x[i] - mx) ** 2;
      sxy += (x[i] - mx) * (value - my);
      syy += (value - my) ** 2;
    });
    n += y.length;
  }
  const effect = sxy / sxx;
  const df = n - runs.length - 1;
  return { effect, t: effect / Math.sqrt((syy - effect * sxy) / df / sxx), df };
}

// Hundredths, so that the textbook form does not cancel its own digits away.
const number = fc.integer({ min: -1000, max: 1000 }).map((n) => n / 100);
const run = fc.record({
  on: fc.array(number, { minLength: 2, maxLength: 6 }),
  off: fc.array(number, { minLength: 2, maxLength: 6 }),
});

test('runs pooled from their summaries are the regression on all their prompts', () => {
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 4 }), (runs) => {
      const data = runs.map(({ on, off }) => ({ y: [...off, ...on], x: [...off.map(() => 0), ...on.map(() => 1)] }));
      const expected = leastSquares(data);
      if (!(Math.abs(expected.t) < 1e4)) return;
      const pooled = pooledEffect(data.map(({ y, x }) => runEffect(Float64Array.from(y), 1, x)));
      expect(pooled.df).toBe(expected.df);
      expect(pooled.effect[0]).toBeCloseTo(expected.effect, 9);
      expect(Math.abs(pooled.t[0] - expected.t)).toBeLessThanOrEqual(1e-7 * Math.max(1, Math.abs(expected.t)));
    }),
  );
});

test('a constant unit has no t', () => {
  const means = Float64Array.of(0.1, 1, 0.1, 2, 0.1, 4, 0.1, 3);
  const { t } = pooledEffect([runEffect(means, 2, [0, 0, 1, 1])]);
  expect(t[0]).toBeNaN();
  expect(t[1]).toBeCloseTo(2 / Math.sqrt(0.5), 12);
});

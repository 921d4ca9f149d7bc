import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { metaAnalysis } from '../../src/index.js';

const file = new URL('../fixtures/meta-analysis/meta-analysis.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8'));

test.each(cases)('as statsmodels computes it: $tau2', ({ effects, variances, hksj, ...expected }) => {
  const found = metaAnalysis(effects, variances);
  for (const [name, value] of Object.entries(expected))
    expect(Math.abs(found[name as keyof typeof found] - (value as number)), name).toBeLessThan(1e-8);
  // Knapp and Hartung's factor, which is 1 at this tau2, or would narrow the interval.
  if (found.tau2 > 0) expect(hksj).toBeCloseTo(1, 6);
  else expect(hksj).toBeLessThanOrEqual(1);
});

const study = fc.record({
  effect: fc.double({ min: -10, max: 10, noNaN: true }),
  variance: fc.double({ min: 0.01, max: 10, noNaN: true }),
});

test('shifting, scaling and reordering subjects does to the mean what it does to effects', () => {
  fc.assert(
    fc.property(fc.array(study, { minLength: 2, maxLength: 8 }), (studies) => {
      const effects = studies.map(({ effect }) => effect);
      const variances = studies.map(({ variance }) => variance);
      const plain = metaAnalysis(effects, variances);
      const close = (a: number, b: number) => expect(Math.abs(a - b)).toBeLessThan(1e-6 * (1 + Math.abs(b)));
      close(
        metaAnalysis(
          effects.map((e) => e + 3),
          variances,
        ).mean,
        plain.mean + 3,
      );
      const scaled = metaAnalysis(
        effects.map((e) => -2 * e),
        variances.map((v) => 4 * v),
      );
      close(scaled.mean, -2 * plain.mean);
      close(scaled.tau2, 4 * plain.tau2);
      close(scaled.p, plain.p);
      close(metaAnalysis([...effects].reverse(), [...variances].reverse()).error, plain.error);
    }),
  );
});

test('equal effects with equal errors are their mean, and t', () => {
  const { mean, error, tau2, i2 } = metaAnalysis([1, 1, 1, 1], [4, 4, 4, 4]);
  expect([mean, error, tau2, i2]).toEqual([1, 1, 0, 0]);
});

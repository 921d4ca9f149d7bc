import { benjaminiHochberg, holm, hommel } from '@galvani/numerics';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectWithinRelative } from '../../../../../test/closeness.js';
import { adjustedDeviate, familywiseDeviate, levelDeviate } from '../../src/task-effect/network-threshold.js';

test('what an adjustment keeps of a family is known from the p that are at most alpha', () => {
  const p = fc.oneof(fc.double({ min: 1e-9, max: 0.1, noNaN: true }), fc.double({ min: 0.01, max: 1, noNaN: true }));
  for (const adjust of [benjaminiHochberg, holm, hommel])
    fc.assert(
      fc.property(fc.array(p, { minLength: 1, maxLength: 30 }), (all) => {
        const logP = Float64Array.from(all, Math.log);
        const kept = logP.filter((_, i) => adjust(logP)[i] <= Math.log(0.05));
        const few = logP.filter((own) => own <= Math.log(0.05));
        const z = adjustedDeviate(adjust, 0.05, few, all.length);
        if (kept.length === 0) expect(z).toBe(Number.POSITIVE_INFINITY);
        else expectWithinRelative(z, levelDeviate({ level: () => Math.exp(Math.max(...kept)) }, 0.05, 1)!, 1e-9);
      }),
    );
});

test('a family-wise threshold is one that at most alpha of maxima go beyond, what was observed among them', () => {
  const maxima = Float64Array.from({ length: 99 }, (_, i) => 99 - i);
  // Of 100 with what was observed 5 may be beyond: that and four of the 99.
  expect(familywiseDeviate(maxima, 0.05)).toBe(95);
  expect(familywiseDeviate(maxima, 0.009)).toBe(Number.POSITIVE_INFINITY);
  // Of 6 independent families each may have 1 - 0.95^(1/6) = 0.85%: 8 of 1,000.
  expect(
    familywiseDeviate(
      Float64Array.from({ length: 999 }, (_, i) => i),
      0.05,
      6,
    ),
  ).toBe(991);
});

import { strongestSoFar } from '@galvani/statistics';
import fc from 'fast-check';
import { expect, test } from 'vitest';

test('the k-th largest is that of all, however many come, and nothing below the floor is among them', () => {
  const numbers = fc.array(fc.oneof(fc.double({ min: 1e-3, max: 50, noNaN: true }), fc.integer({ min: 1, max: 4 })), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(numbers, fc.integer({ min: 1, max: 30 }), (all, k) => {
      const kept = strongestSoFar(k);
      for (const [i, value] of all.entries()) {
        kept.add(value);
        const largest = all.slice(0, i + 1).sort((a, b) => b - a);
        expect(kept.floor()).toBeLessThanOrEqual(largest[k - 1] ?? 0);
      }
      expect(kept.cut()).toBe(all.toSorted((a, b) => b - a)[k - 1] ?? 0);
    }),
  );
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planPrefill } from '../../src/forward/prefill-plan.js';

test('every token of every prompt runs once, in order, in runs of limited size', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 64 }),
      (lengths, most) => {
        const done = lengths.map(() => 0);
        for (const { firstRow, rows, from, to } of planPrefill(lengths, most)) {
          expect(rows * (to - from)).toBeLessThanOrEqual(most);
          expect(rows).toBeGreaterThan(0);
          if (from > 0 || rows === 1) expect(to).toBeLessThanOrEqual(lengths[firstRow]);
          if (from > 0) expect(rows).toBe(1);
          for (let r = firstRow; r < firstRow + rows; r++) {
            expect(done[r]).toBe(from);
            done[r] = Math.min(to, lengths[r]);
          }
        }
        expect(done).toEqual(lengths);
      },
    ),
  );
});

test('three short prompts make a run, and a long one is cut', () => {
  expect(planPrefill([3, 4, 2, 20], 16)).toEqual([
    { firstRow: 0, rows: 3, from: 0, to: 4 },
    { firstRow: 3, rows: 1, from: 0, to: 16 },
    { firstRow: 3, rows: 1, from: 16, to: 20 },
  ]);
});

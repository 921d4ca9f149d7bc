import { UserMistake } from '@galvani/terminal';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { slabSize } from '../../src/recording/slab-size.js';

test('a study’s run on a small model is one batch and one slab', () => {
  expect(slabSize({ prompts: 18, newTokens: 16, units: 23_104, order: 'prompt' })).toEqual({ batch: 18, steps: 16 });
});

test('a long recording of Galactica-125M’s shape is cut into slabs, not into smaller batches', () => {
  const plan = slabSize({ prompts: 500, newTokens: 128, units: 190_500, order: 'prompt' });
  expect(plan).toEqual({ batch: 32, steps: 8 });
});

test('two slabs fit into the budget whatever is asked, and every token has a place', () => {
  const request = fc.record({
    prompts: fc.integer({ min: 1, max: 5000 }),
    newTokens: fc.integer({ min: 1, max: 4096 }),
    units: fc.integer({ min: 1, max: 1e6 }),
    order: fc.constantFrom('prompt' as const, 'generation' as const),
    budget: fc.integer({ min: 8e6, max: 1e9 }),
  });
  fc.assert(
    fc.property(request, (asked) => {
      const { batch, steps } = slabSize(asked);
      expect(2 * batch * steps * asked.units * 4).toBeLessThanOrEqual(asked.budget);
      expect(batch).toBeGreaterThanOrEqual(1);
      expect(batch).toBeLessThanOrEqual(Math.min(32, asked.prompts));
      expect(steps).toBeGreaterThanOrEqual(1);
      expect(steps).toBeLessThanOrEqual(asked.newTokens);
    }),
  );
});

test('a batch that a person chose is kept, or refused with the largest that fits', () => {
  const asked = { prompts: 100, newTokens: 4, units: 1e6, order: 'prompt' as const };
  expect(slabSize({ ...asked, batch: 60 }).batch).toBe(60);
  expect(() => slabSize({ ...asked, batch: 68 })).toThrow(UserMistake);
  expect(() => slabSize({ ...asked, batch: 68 })).toThrow('at most 67');
  // Of fewer prompts than the batch only those count.
  expect(slabSize({ ...asked, prompts: 3, batch: 1000 }).batch).toBe(3);
});

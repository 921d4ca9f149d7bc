import type { Site } from '@galvani/model';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMomentSink } from '../../src/recording/moment-sink.js';
import type { SlabWriter } from '../../src/recording/slab-writer.js';

const sites: Site[] = [{ name: 'a', width: 2, kind: 'linear', layer: 'block-00' }];

/** The row of means that comes of the sums of a prompt's tokens, as a graph adds them up in float32. */
async function meansOf(tokens: readonly (readonly [number, number])[]): Promise<Float32Array> {
  const sums = new Float32Array(2);
  for (const values of tokens) for (const [u, value] of values.entries()) sums[u] += Math.fround(value);
  const written: Float32Array[] = [];
  const writer = { write: async ({ sites: [values] }) => void written.push(values) } as SlabWriter;
  const options = { set: 'mean', subject: { sites, summed: true }, newTokens: tokens.length, endTokens: [] } as const;
  const given = {
    sites: new Map([['a', sums]]),
    first: new Map([['a', Float32Array.from(tokens[0])]]),
    counts: Int32Array.of(tokens.length),
  };
  await createMomentSink(writer, options).sums!(given, { offset: 0, rows: 1, first: 0 });
  return written[0];
}

const number = fc.float({ min: -1000, max: 1000, noNaN: true });

test('the mean of a unit that never changes is its value, bit for bit, however long the prompt', async () => {
  await fc.assert(
    fc.asyncProperty(number, fc.integer({ min: 1, max: 300 }), async (value, count) => {
      const means = await meansOf(Array.from({ length: count }, (_, t) => [value, t] as const));
      expect(means[0]).toBe(value);
      expect(Math.abs(means[1] - (count - 1) / 2)).toBeLessThan(1e-4 * count);
    }),
  );
});

test('means of numbers that change are theirs to rounding', async () => {
  const tokens = fc.array(fc.tuple(number, number), { minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(tokens, async (given) => {
      const means = await meansOf(given);
      for (const u of [0, 1]) {
        const mean = given.reduce((sum, values) => sum + values[u], 0) / given.length;
        const size = Math.max(...given.map((values) => Math.abs(values[u])));
        // The second term is for what lies below the normal numbers.
        expect(Math.abs(means[u] - mean)).toBeLessThanOrEqual(given.length * (2 ** -22 * size + 2 ** -149));
      }
    }),
  );
});

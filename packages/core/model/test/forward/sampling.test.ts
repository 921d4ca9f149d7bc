import { randomStream } from '@galvani/numerics';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkSampling, drawToken } from '../../src/forward/sampling.js';

const logits = fc.array(fc.float({ min: -30, max: 30, noNaN: true }), { minLength: 1, maxLength: 60 });

function logSoftmax(values: number[]): Float32Array {
  const highest = Math.max(...values);
  const sum = Math.log(values.reduce((total, v) => total + Math.exp(v - highest), 0));
  return Float32Array.from(values, (v) => v - highest - sum);
}

/** Ids that topK and topP leave, by sorting the whole vocabulary. */
function allowed(logProbabilities: Float32Array, temperature: number, topK: number, topP: number): number[] {
  const order = [...logProbabilities.keys()].sort((a, b) => logProbabilities[b] - logProbabilities[a] || a - b);
  const kept = order.slice(0, topK);
  const weights = kept.map((i) => Math.exp((logProbabilities[i] - logProbabilities[order[0]]) / temperature));
  const total = weights.reduce((a, b) => a + b, 0);
  let sum = 0;
  let n = 0;
  while (n < kept.length && sum < topP * total) sum += weights[n++];
  return kept.slice(0, Math.max(n, 1));
}

describe('drawToken', () => {
  test('draws only what topK and topP leave, and the most probable of them for 0', () => {
    fc.assert(
      fc.property(
        logits,
        fc.integer({ min: 1, max: 60 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.double({ min: 0.1, max: 3, noNaN: true }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (values, topK, topP, temperature, uniform) => {
          const logProbabilities = logSoftmax(values);
          // Where the sum meets topP exactly, the order of summation decides: leave such cases out.
          const narrow = allowed(logProbabilities, temperature, topK, topP * (1 - 1e-9));
          const wide = allowed(logProbabilities, temperature, topK, topP * (1 + 1e-9));
          const token = drawToken(logProbabilities, { temperature, topK, topP }, uniform);
          expect(wide).toContain(token);
          if (narrow.length < values.length && wide.length < values.length)
            expect(drawToken(logProbabilities, { temperature, topK, topP }, 0)).toBe(wide[0]);
        },
      ),
    );
  });

  test.each([{}, { topP: 0.7 }])('is the same with tempered probabilities at hand, of %j', (cut) => {
    const temperatures = fc.double({ min: 0.2, max: 5, noNaN: true });
    fc.assert(
      fc.property(logits, fc.integer({ min: 0, max: 9 }), temperatures, (values, tenth, temperature) => {
        const logProbabilities = logSoftmax(values);
        const weights = logSoftmax(values.map((value) => value / temperature)).map(Math.exp);
        const uniform = (tenth + 0.5) / 10;
        const [found, expected] = [weights, undefined].map((given) =>
          drawToken(logProbabilities, { temperature, ...cut }, uniform, given),
        );
        if (found === expected) return;
        // Rounding may decide where the sum meets topP, and moves a boundary by no more than a millionth.
        const [left, wide] = [1 - 1e-6, 1 + 1e-6].map((margin) =>
          allowed(logProbabilities, temperature, values.length, (cut.topP ?? 2) * margin),
        );
        if (left.length < wide.length) return;
        if (cut.topP === undefined) left.sort((a, b) => a - b);
        const total = left.reduce((sum, id) => sum + weights[id], 0);
        const before = left.slice(0, Math.min(left.indexOf(found), left.indexOf(expected)) + 1);
        const below = before.reduce((sum, id) => sum + weights[id], 0) / total;
        expect(Math.abs(below - uniform)).toBeLessThan(1e-5);
      }),
    );
  });

  test('of many tokens too the one where the running sum passes the number is drawn, and none of no weight', () => {
    // Whole numbers add up to the same in any order.
    const weights = fc
      .array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 5 })), { minLength: 1, maxLength: 700, size: 'max' })
      .filter((all) => all.some((weight) => weight > 0));
    const uniforms = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(weights, uniforms, (all, uniform) => {
        const total = all.reduce((a, b) => a + b, 0);
        let sum = 0;
        const expected = all.findIndex((weight) => {
          sum += weight;
          return sum > uniform * total;
        });
        const drawn = drawToken(new Float32Array(all.length), { temperature: 1 }, uniform, Float32Array.from(all));
        expect(drawn).toBe(expected);
        expect(all[drawn]).toBeGreaterThan(0);
      }),
    );
  });

  test('follows the tempered distribution', () => {
    const logProbabilities = logSoftmax([1, 0, 2, -1]);
    const temperature = 0.7;
    const weights = [1, 0, 2, -1].map((v) => Math.exp(v / temperature));
    const total = weights.reduce((a, b) => a + b, 0);
    const stream = randomStream(1, 'sampling test');
    const n = 20000;
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < n; i++) counts[drawToken(logProbabilities, { temperature }, stream.uniform())]++;
    const chi2 = counts.reduce(
      (sum, c, i) => sum + (c - (n * weights[i]) / total) ** 2 / ((n * weights[i]) / total),
      0,
    );
    // The 99.9% point of chi-squared with 3 degrees of freedom; the seed is fixed.
    expect(chi2).toBeLessThan(16.27);
  });

  test('keeps to the highest at a temperature close to 0, without underflow', () => {
    expect(drawToken(logSoftmax([3, 5, 4]), { temperature: 1e-6 }, 0.999)).toBe(1);
  });
});

test.each([
  [{ temperature: 0 }, /temperature is 0/],
  [{ temperature: Number.NaN }, /temperature is NaN/],
  [{ temperature: 1, topK: 0 }, /topK is 0/],
  [{ temperature: 1, topP: 1.5 }, /topP is 1.5/],
])('refuses %j', (settings, message) => {
  expect(() => checkSampling({ method: 'sample', seed: 1, ...settings })).toThrow(message);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { growingMoments } from '../../src/recording/prompt-moments.js';

/** In two passes, as the moments are defined. */
function byDefinition(tokens: readonly Float32Array[], unit: number): number[] {
  const own = tokens.map((values) => values[unit]);
  const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
  const about = own.map((value) => value - mean);
  const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
  return [
    mean,
    sum(about.map((value) => value * value)),
    about[0],
    about[about.length - 1],
    sum(about.slice(1).map((value, t) => value * about[t])),
  ];
}

const close = (found: number, expected: number, scale: number) =>
  expect(Math.abs(found - expected)).toBeLessThan(1e-5 * Math.max(1, scale));

describe('moments of prompts', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 });
  const number = fc.float({ min: -2, max: 2, noNaN: true });

  test('are those of their definition, whatever the level, and start afresh', () => {
    fc.assert(
      fc.property(lengths, fc.constantFrom(0, 300, -5000), fc.infiniteStream(number), (own, level, numbers) => {
        const width = 3;
        const draw = () => Float32Array.from({ length: width }, () => level + numbers.next().value);
        const moments = growingMoments('lagged', [width, 1], own.length);
        for (let round = 0; round < 2; round++) {
          const prompts = own.map((length) => Array.from({ length }, draw));
          for (const [row, tokens] of prompts.entries())
            for (const values of tokens) {
              moments.add(0, row, values);
              moments.add(1, row, values.subarray(1, 2));
            }
          const taken = moments.take();
          expect(taken.map(({ length }) => length / own.length)).toEqual([3, 1, 3, 1, 3, 1, 3, 1, 3, 1]);
          for (const [row, tokens] of prompts.entries())
            for (let unit = 0; unit < width; unit++)
              for (const [m, value] of byDefinition(tokens, unit).entries()) {
                close(taken[2 * m][row * width + unit], value, m === 0 ? Math.abs(level) : 30);
                if (unit === 1) close(taken[2 * m + 1][row], value, m === 0 ? Math.abs(level) : 30);
              }
        }
      }),
      { numRuns: 100 },
    );
  });

  test('a set has those of the sets before it, bit for bit', () => {
    const tokens = [1, 4, -2, 0.5].map((value) => Float32Array.of(value));
    const taken = (['mean', 'squares', 'lagged'] as const).map((set) => {
      const moments = growingMoments(set, [1], 1);
      for (const values of tokens) moments.add(0, 0, values);
      return moments.take();
    });
    expect(taken.map(({ length }) => length)).toEqual([1, 2, 5]);
    expect(taken[1][0]).toEqual(taken[0][0]);
    expect(taken[2].slice(0, 2)).toEqual(taken[1]);
  });
});

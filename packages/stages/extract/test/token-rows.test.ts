import { expect, test } from 'vitest';
import { tokenRows } from '../src/token-rows.js';

const generation = (...prompts: number[][]) => ({
  tokens: prompts.map((ids) => Int32Array.from(ids)),
  logProbabilities: prompts.map(({ length }) => new Float32Array(length)),
  entropies: prompts.map(({ length }) => new Float32Array(length)),
});
const afterEnd = (rows: ReturnType<typeof tokenRows>) => rows.map(({ after_end }) => (after_end ? 1 : 0));

test('a text ends with its first end-of-sequence token, which is its own; what comes after is marked', () => {
  const made = generation([5, 2, 7, 2], [2, 5, 5, 5], [5, 5, 5, 9], [5, 5, 5, 5]);
  expect(afterEnd(tokenRows(made, undefined, [2, 9]))).toEqual([0, 0, 1, 1, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
});

test('without a token that ends texts nothing comes after their end', () => {
  expect(afterEnd(tokenRows(generation([2, 2, 2]), undefined, []))).toEqual([0, 0, 0]);
});

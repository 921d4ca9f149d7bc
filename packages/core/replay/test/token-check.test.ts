import { expect, test } from 'vitest';
import { sameProbabilities, tokenDifference } from '../src/token-check.js';

const events = [{ prompt_id: 'one' }, { prompt_id: 'two' }];
const played = {
  tokens: [Int32Array.of(5, 6), Int32Array.of(7, 8)],
  logProbabilities: [Float32Array.of(Number.NaN, -1), Float32Array.of(Number.NaN, -0.5)],
};
const recorded = [5, 6, 7, 8].map((token_id, row) => ({
  ...{ prompt: row >> 1, position: row % 2, token_id, token: `t${token_id}` },
  log_probability: row % 2 === 0 ? Number.NaN : [-1, -0.5][row >> 1],
}));

test('the same tokens are no difference', () => {
  expect(tokenDifference('r', events, recorded, played)).toBeUndefined();
  const last = [1, 3].map((row, prompt) => ({ ...recorded[row], prompt, position: 0 }));
  expect(tokenDifference('r', events, last, played, { kept: 'last' })).toBeUndefined();
});

test('of tokens that differ the first is named, and how many there are', () => {
  const other = recorded.map((row, at) => (at < 2 ? row : { ...row, token_id: 1, token: '"' }));
  expect(tokenDifference('r', events, other, played)).toBe(
    'r: token 0 (from 0) of the prompt \'two\' was "\\"" (1) when it was recorded and is (7) now; it is the first of 2 of 4 tokens that differ',
  );
  expect(tokenDifference('r', events, recorded.slice(1), played)).toMatch(/^r: 4 tokens were played again, and 3 are/);
});

test('log probabilities are compared bit for bit, and not where rows are no single tokens', () => {
  expect(sameProbabilities(recorded, played)).toBe(true);
  const moved = recorded.map((row, at) => (at === 3 ? { ...row, log_probability: -0.5 + 2 ** -25 } : row));
  expect(sameProbabilities(moved, played)).toBe(false);
  expect(sameProbabilities(recorded.slice(2), played)).toBeUndefined();
});

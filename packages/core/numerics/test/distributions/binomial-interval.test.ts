import { expect, test } from 'vitest';
import { clopperPearson, wilson } from '../../src/index.js';

test('intervals of 21 of 24, as R (binom.test, prop.test without correction) gives them', () => {
  expect(clopperPearson(21, 24).lower).toBeCloseTo(0.6763886, 6);
  expect(clopperPearson(21, 24).upper).toBeCloseTo(0.9734407, 6);
  expect(wilson(21, 24).lower).toBeCloseTo(0.6899612, 6);
  expect(wilson(21, 24).upper).toBeCloseTo(0.9565567, 6);
});

test('intervals of all and none', () => {
  expect(clopperPearson(0, 10).lower).toBe(0);
  expect(clopperPearson(0, 10).upper).toBeCloseTo(1 - 0.025 ** (1 / 10), 12);
  expect(clopperPearson(10, 10).upper).toBe(1);
  expect(clopperPearson(10, 10).lower).toBeCloseTo(0.025 ** (1 / 10), 12);
});

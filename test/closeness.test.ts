import { expect, test } from 'vitest';
import { expectWithinAbsolute, expectWithinRelative } from './closeness.js';

test('closeness is relative or absolute, as its name says', () => {
  expectWithinRelative([1000, 0, Number.NEGATIVE_INFINITY], Float64Array.of(1001, 0, Number.NEGATIVE_INFINITY), 1e-3);
  expectWithinAbsolute(0.5, 0.5001, 1e-3);
  expect(() => expectWithinRelative([1, 2, 1e-9], [1, 2, 2e-9], 0.1, 'p')).toThrow('p element 2: 1e-9, not 2e-9');
  expect(() => expectWithinAbsolute(1000, 1001, 1e-3)).toThrow('element 0: 1000, not 1001');
});

test('NaN, a missing number and what should be 0 are not close', () => {
  expect(() => expectWithinRelative(Number.NaN, 1, 1)).toThrow();
  expect(() => expectWithinAbsolute([1, Number.NaN, 3], [1, Number.NaN, 3], 1)).toThrow('element 1');
  expect(() => expectWithinAbsolute([1], [1, 2], 1)).toThrow();
  expect(() => expectWithinRelative(1e-300, 0, 1)).toThrow();
});

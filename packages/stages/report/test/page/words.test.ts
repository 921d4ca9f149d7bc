import { expect, test } from 'vitest';
import { counted, decimal, listed, mean, percent, probability, tenTo } from '../../src/page/words.js';

test('numbers', () => {
  expect(decimal(-1.005, 1)).toBe('−1.0');
  expect(decimal(-0.001)).toBe('0.00');
  expect(decimal(Number.NaN)).toBe('–');
  expect(decimal(undefined)).toBe('–');
  expect(counted(1, 'unit')).toBe('1 unit');
  expect(counted(23104, 'unit')).toBe('23,104 units');
});

test.each([
  [0, '0%'],
  [0.0001, '<0.1%'],
  [0.05, '5%'],
  [0.0395, '4%'],
  [0.0449, '4.5%'],
  [0.1667, '17%'],
  [1, '100%'],
  [Number.NaN, '–'],
])('a share of %d is %s', (share, text) => {
  expect(percent(share)).toBe(text);
});

test('probabilities keep their first digit, however small', () => {
  expect(probability(1 / 2001)).toBe('0.0005');
  expect(probability(0.25)).toBe('0.250');
  expect(probability(1e-9)).toBe('10⁻⁹');
  expect(tenTo(-412.3)).toBe('10⁻⁴¹²');
});

test('lists and means', () => {
  expect(listed(['a', 'b', 'c'])).toBe('a, b and c');
  expect(listed(['a'])).toBe('a');
  expect(mean([1, Number.NaN, 3])).toBe(2);
  expect(mean([])).toBeNaN();
});

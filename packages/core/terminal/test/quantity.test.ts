import { formatBytes, formatCount } from '@galvani/terminal';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatSeconds } from '../src/quantity.js';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [999.4, '999 B'],
  [999.5, '1.0 KB'],
  [1536, '1.5 KB'],
  [99_400, '99.4 KB'],
  [99_500, '100 KB'],
  [999_499, '999 KB'],
  [999_500, '1.0 MB'],
  [3.2e15, '3.2 PB'],
  [5e18, '5000 PB'],
])('%s bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

test.each([
  [0, '0.0 s'],
  [9.94, '9.9 s'],
  [9.95, '10 s'],
  [59.4, '59 s'],
  [59.5, '1 min 0 s'],
  [75, '1 min 15 s'],
  [3599.4, '59 min 59 s'],
  [3599.5, '1 h 0 min'],
  [90_000, '25 h 0 min'],
  [Number.POSITIVE_INFINITY, 'unknown'],
  [Number.NaN, 'unknown'],
])('%s seconds are %s', (seconds, text) => expect(formatSeconds(seconds)).toBe(text));

test('counts have commas, on any machine', () => {
  expect([0, 999, 147456, 1e9, 2.5].map(formatCount)).toEqual(['0', '999', '147,456', '1,000,000,000', '3']);
});

test('a number of bytes never shows as 1,000 of its unit but of the largest', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 9e17, noNaN: true }), (bytes) => {
      const [value, unit] = formatBytes(bytes).split(' ');
      expect(Number(value)).toBeLessThan(1000);
      expect(unit).toMatch(/^[KMGTP]?B$/);
    }),
  );
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cosineDrift, eventDesign, firstRowFrom, lastRowUntil } from '../../src/index.js';

const repetitionTimes = [0.05, 0.1, 0.3, 1 / 3, 0.46, 0.7, 0.72, 0.735, 0.8, 0.802, 1.0666, 1.4, 1.45, 2, 2.4, 2.53, 3];
const tr = fc.oneof(fc.constantFrom(...repetitionTimes), fc.double({ min: 0.1, max: 5, noNaN: true }));
const row = fc.oneof(fc.nat(400), fc.nat(100_000));

test('a whole row in seconds, divided by the time between rows, is that row', () => {
  fc.assert(
    fc.property(tr, row, (seconds, k) => {
      const summed = k > 400 ? k * seconds : Array.from({ length: k }).reduce((sum: number) => sum + seconds, 0);
      for (const time of [(k * seconds) / seconds, summed / seconds]) {
        expect(firstRowFrom(time)).toBe(k);
        expect(lastRowUntil(time)).toBe(k);
      }
    }),
    { numRuns: 500 },
  );
});

test('so it is however many digits the seconds, or the rows, were printed with, from milliseconds on', () => {
  fc.assert(
    fc.property(tr, row, fc.integer({ min: 3, max: 17 }), (seconds, k, digits) => {
      const printed = [
        Number((k * seconds).toFixed(digits)) / seconds,
        Number(((k * seconds) / seconds).toFixed(digits - 1)),
        Number(((Math.round(k * seconds * 1000) / 1000 / seconds) as number).toPrecision(17)),
      ];
      for (const time of printed) {
        expect(firstRowFrom(time)).toBe(k);
        expect(lastRowUntil(time)).toBe(k);
      }
    }),
    { numRuns: 500 },
  );
});

test('a time between rows keeps its place', () => {
  expect([30.02, 30.5, 30.98].map(firstRowFrom)).toEqual([31, 31, 31]);
  expect([30.02, 30.5, 30.98].map(lastRowUntil)).toEqual([30, 30, 30]);
  expect(Object.is(firstRowFrom(-1e-17), 0)).toBe(true);
});

test.each(['glover', 'spm + derivative', { delays: [0, 1, 2] }] as const)(
  'rounding of a time moves no regressor: %j',
  (model) => {
    for (const seconds of repetitionTimes) {
      const events = (at: (rows: number) => number) =>
        [3, 17, 30, 61].map((k) => ({ condition: 'a', onset: at(k), duration: at(k + 5) - at(k) }));
      const exact = eventDesign(
        events((k) => k),
        80,
        model,
      );
      const divided = eventDesign(
        events((k) => (k * seconds) / seconds + (k % 2 === 0 ? 1e-14 : -1e-14)),
        80,
        model,
      );
      expect(divided.X).toEqual(exact.X);
    }
  },
);

test('a drift whose period ends with the run is there whatever the rounding', () => {
  for (let rows = 2; rows < 200; rows++)
    for (const cycles of [1, 2, 3, 5])
      expect(cosineDrift(rows, 1 / (rows / cycles)).columns).toBe(Math.min(rows - 1, 2 * cycles));
});

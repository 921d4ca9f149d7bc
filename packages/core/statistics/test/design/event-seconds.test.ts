import { expect, test } from 'vitest';
import { eventDesign } from '../../src/index.js';

const events = [
  { condition: 'a', onset: 4, duration: 10 },
  { condition: 'a', onset: 40, duration: 6 },
];

test.each(['glover', 'spm'] as const)('%s: rows of two seconds are every other row of one second', (model) => {
  const fine = eventDesign(events, 80, model);
  const halved = events.map((event) => ({ ...event, onset: event.onset / 2, duration: event.duration / 2 }));
  const coarse = eventDesign(halved, 40, model, 2);
  const peak = Math.max(...fine.X);
  for (let i = 0; i < 40; i++) expect(Math.abs(coarse.X[i] - fine.X[2 * i])).toBeLessThan(0.03 * peak);
  const sum = (X: Float64Array) => X.reduce((total, value) => total + value, 0);
  expect(sum(coarse.X) / sum(fine.X)).toBeCloseTo(0.5, 2);
});

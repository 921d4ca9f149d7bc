import { randomStream } from '@galvani/numerics';
import { expect, test } from 'vitest';
import { resampledMeans } from '../../src/lesion/resampled-means.js';

test('a difference of means lies in its interval in about 95% of samples', () => {
  let inside = 0;
  for (let k = 0; k < 400; k++) {
    const stream = randomStream(k, 'sample');
    const group = (mean: number, length: number) => Array.from({ length }, () => mean + stream.normal());
    const { lower, upper } = resampledMeans([group(1, 12), group(0.5, 30)], [1, -1], randomStream(k, 'draws'));
    if (lower <= 0.5 && 0.5 <= upper) inside++;
  }
  // Three binomial standard errors about 95%.
  expect(inside / 400).toBeGreaterThan(0.917);
  expect(inside / 400).toBeLessThan(0.983);
});

test('values that are all alike have an interval without width', () => {
  expect(resampledMeans([[2, 2, 2]], [1], randomStream(1))).toEqual({ lower: 2, upper: 2 });
});

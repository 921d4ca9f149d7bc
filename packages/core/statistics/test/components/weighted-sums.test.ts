import { randomStream } from '@galvani/numerics';
import { expect, test } from 'vitest';
import { weightedSums } from '../../src/components/weighted-sums.js';

test.each([
  [1, 3],
  [6, 256],
  [9, 600],
])('weighted sums of %i prompts and %i units are added prompt after prompt', (prompts, units) => {
  const stream = randomStream('weighted sums', prompts);
  const normals = (length: number) => Float64Array.from({ length }, () => stream.normal());
  const [values, means, weights] = [normals(prompts * units), normals(prompts), normals(2 * prompts)];
  const expected = Float64Array.from({ length: 2 * units }, (_, at) => {
    const [k, u] = [Math.floor(at / units), at % units];
    let sum = 0;
    for (let i = 0; i < prompts; i++) sum += weights[k * prompts + i] * (values[i * units + u] - means[i]);
    return sum;
  });
  expect(weightedSums(values, means, weights, units)).toEqual(expected);
});

import { randomStream } from '@galvani/numerics';
import { expect, test } from 'vitest';
import { createEstimator, type DesignMatrix, promptLayout } from '../../src/index.js';

const lengths = [12, 16, 9, 20, 14, 11];
const prompt = lengths.flatMap((length, p) => new Array<number>(length).fill(p));
const rows = prompt.length;
const layout = promptLayout(new Array(rows).fill(0), prompt);
const design: DesignMatrix = {
  X: Float64Array.from({ length: 2 * rows }, (_, i) => (i % 2 === 0 ? 1 : prompt[i >> 1] % 2)),
  rows,
  columns: 2,
  names: ['run', 'task'],
};
const units = 300;

/** Autocorrelated noise, [rows x units], of which nothing belongs to prompts: many a likelihood is largest near a bound. */
function noise(seed: number): Float64Array {
  const random = randomStream(seed, 'x');
  const series = new Float64Array(rows * units);
  for (let row = 0; row < rows; row++)
    for (let u = 0; u < units; u++) {
      const before = row === 0 || prompt[row] !== prompt[row - 1] ? 0 : series[(row - 1) * units + u];
      series[row * units + u] = 0.3 * before + random.normal();
    }
  return series;
}

function degreesOfFreedom(series: Float64Array): Float64Array {
  const estimator = createEstimator('ar1+prompt', design, layout, units);
  estimator.add(series, 0);
  return estimator.finish().contrastDf!([Float64Array.of(0, 1)]);
}

test('with prompts of several lengths degrees of freedom do not hang on the rounding of what is stored', () => {
  for (const seed of [5, 7, 11]) {
    const [exact, stored] = [noise(seed), noise(seed).map(Math.fround)].map(degreesOfFreedom);
    for (const [u, df] of exact.entries()) expect(stored[u] / df, `seed ${seed}, unit ${u}`).toBeCloseTo(1, 2);
  }
});

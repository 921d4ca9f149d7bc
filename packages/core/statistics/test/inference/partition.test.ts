import { randomStream } from '@galvani/numerics';
import { maximumNull, partitionDesign, planPermutations } from '@galvani/statistics';
import { expect, test } from 'vitest';

const prompts = 24;
const units = 5;
const stream = randomStream(3, 'partition');
const runs = Int32Array.from({ length: prompts }, (_, p) => (p < 12 ? 0 : 1));
const confound = Float64Array.from({ length: prompts }, (_, p) => stream.normal() + (p % 2));
const means = Float64Array.from({ length: prompts * units }, (_, at) => {
  const p = Math.floor(at / units);
  return stream.normal() + (p % 2) + 2 * confound[p];
});
const [task, size] = [Float64Array.of(1, 0, 0, 0), Float64Array.of(0, 1, 0, 0)];

/** Statistics and family-wise p of every unit; columns are task, confound in other units, and an intercept for each run. */
async function permuted(rows: readonly Float64Array[], inUnits = 1): Promise<number[]> {
  const X = Float64Array.from({ length: prompts * 4 }, (_, at) => {
    const p = Math.floor(at / 4);
    return [p % 2, confound[p] * inUnits, Number(runs[p] === 0), Number(runs[p] === 1)][at % 4];
  });
  const contrast = Float64Array.from(rows.flatMap((row) => [...row]));
  const { interest, columns, nuisance } = partitionDesign(X, prompts, contrast);
  const plan = planPermutations({
    labels: interest,
    columns,
    nuisance,
    runs,
    runIntercepts: false,
    count: 200,
    seed: 1,
  });
  const gathered = maximumNull(plan);
  const { statistic } = await gathered.add(means);
  return [...statistic, ...gathered.finish().log10p(statistic)];
}

const times = (weights: Float64Array, factor: number) => weights.map((weight) => weight * factor);

test('what a contrast tests does not depend on a factor of its weights', async () => {
  const expected = await permuted([task]);
  const ordinary = Array.from({ length: 100 }, (_, i) => (i + 1) / 50);
  for (const factor of [...ordinary, 1e-20, 1e-9, 1e9, 1e20]) {
    const found = await permuted([times(task, factor)]);
    for (const [i, value] of found.entries()) expect(value, String(factor)).toBeCloseTo(expected[i], 9);
  }
});

test('nor on the units of a confound, nor F on factors of its rows', async () => {
  const [t, F] = [await permuted([task]), await permuted([task, size])];
  for (const inUnits of [1e-49, 1e-12, 1e-6, 1e-3, 1e3, 1e6, 1e12, 1e49]) {
    for (const [i, value] of (await permuted([task], inUnits)).entries())
      expect(value, String(inUnits)).toBeCloseTo(t[i], 9);
    for (const [i, value] of (await permuted([task, size], inUnits)).entries())
      expect(value, String(inUnits)).toBeCloseTo(F[i], 9);
    for (const [i, value] of (await permuted([times(task, 1 / inUnits), size])).entries())
      expect(value, String(inUnits)).toBeCloseTo(F[i], 9);
  }
});

import { clopperPearson } from '@galvani/numerics';
import { describe, expect, test } from 'vitest';
import {
  type CalibrationRow,
  calibratePrompts,
  permutationT,
  planPermutations,
  promptNoises,
} from '../../src/index.js';

const rowOf = (rows: CalibrationRow[], model: string, measure: string, correction: string) =>
  rows.find((row) => row.model === model && row.measure === measure && row.correction === correction)!;

describe('calibration on prompts', () => {
  const small = { units: 60, relabellings: 99, planted: 0 };

  test('shows that the default is valid where a task varies more than rest, and that the pooled statistic is not', async () => {
    const rows = await calibratePrompts({ ...small, noises: ['2 runs, x4'], studies: 150 });
    expect(rowOf(rows, 'prompt', 'family-wise error', 'maximum').estimate).toBeLessThan(0.12);
    expect(rowOf(rows, 'prompt, pooled', 'family-wise error', 'maximum').estimate).toBeGreaterThan(0.25);
    expect(rowOf(rows, 'prompt', 'false positives of t', 'none').estimate).toBeLessThan(0.06);
    expect(rowOf(rows, 'prompt, pooled', 'false positives of t', 'none').estimate).toBeGreaterThan(0.09);
  });

  test('finds both valid where prompts are exchangeable', async () => {
    const rows = await calibratePrompts({ ...small, noises: ['equal'], studies: 150 });
    for (const model of ['prompt', 'prompt, pooled']) {
      const { estimate, trials } = rowOf(rows, model, 'family-wise error', 'maximum');
      const { lower } = clopperPearson(Math.round(estimate * trials), trials, 1 - 1e-6);
      expect(lower).toBeLessThan(0.05);
    }
  });

  test('tests contrasts and F, and gives the same rows for the same seed', async () => {
    const options = { units: 10, relabellings: 19, studies: 3, planted: 2, seed: 4 };
    const noises = ['a - b, a x4', 'F of a, b', 'correlated units', 'heavy tails', 'lengths log-normal'];
    const progress: number[] = [];
    const rows = await calibratePrompts({ ...options, noises }, (done) => progress.push(done));
    expect(await calibratePrompts({ ...options, noises })).toEqual(rows);
    expect(progress.at(-1)).toBe(15);
    expect(new Set(rows.map(({ noise }) => noise)).size).toBe(5);
    expect(rows.some(({ noise, measure }) => noise === 'F of a, b' && measure === 'false positives of F')).toBe(true);
    expect(rowOf(rows, 'prompt', 'sensitivity', 'maximum').trials).toBe(2);
  });

  test('has noises of different names, and says which', async () => {
    expect(new Set(promptNoises.map(({ name }) => name)).size).toBe(promptNoises.length);
    await expect(calibratePrompts({ noises: ['task x9'] })).rejects.toThrow(
      /no noise of prompts called "task x9".*task x4/,
    );
  });
});

test('step-down p are refused where conditions have variances of their own', async () => {
  const plan = planPermutations({
    ...{ labels: [1, 1, 1, 0, 0, 0], runs: new Int32Array(6), count: 20, seed: 1 },
    conditions: Int32Array.of(1, 1, 1, 0, 0, 0),
  });
  const options = { means: Float64Array.of(3, 5, 1, 2, 4, 1), prompts: 6, units: 1, plan };
  await expect(permutationT({ ...options, stepDown: true })).rejects.toThrow(/step-down p are of the pooled statistic/);
});

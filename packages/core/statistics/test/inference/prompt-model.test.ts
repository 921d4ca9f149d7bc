import { randomStream } from '@galvani/numerics';
import { describe, expect, test } from 'vitest';
import { expectWithinRelative } from '../../../../../test/closeness.js';
import type { PromptFit } from '../../src/fit.js';
import {
  contrastF,
  contrastT,
  createEstimator,
  designOf,
  partitionDesign,
  permutationF,
  permutationT,
  planPermutations,
  uniformLayout,
} from '../../src/index.js';

const runs = 3;
const prompts = runs * 12;
const tokens = 5;
const units = 40;
const layout = uniformLayout(runs, 12, tokens);
const promptOf = (row: number) => Math.floor(row / tokens);
const runOf = (prompt: number) => Math.floor(prompt / 12);
const task = Array.from({ length: prompts }, (_, b) => (b % 12 >= 4 && b % 12 < 8 ? 1 : 0));
const rows = prompts * tokens;
const column = (valueAt: (prompt: number) => number) =>
  Array.from({ length: rows }, (_, row) => valueAt(promptOf(row)));
const intercepts = Object.fromEntries(
  Array.from({ length: runs }, (_, r) => [`run ${r}`, column((prompt) => (runOf(prompt) === r ? 1 : 0))]),
);
const stream = randomStream(21, 'prompt model');
const scale = Array.from({ length: units }, () => 10 ** (4 * stream.uniform() - 2));
const series = Float32Array.from({ length: rows * units }, (_, i) => scale[i % units] * (30 + stream.normal()));

function fitPrompt(design: ReturnType<typeof designOf>): PromptFit {
  const estimator = createEstimator('prompt', design, layout, units);
  estimator.add(series, 0);
  return estimator.finish() as PromptFit;
}

describe('the permutation test and the noise model of prompts are one model', () => {
  test('t of a task against rest, run intercepts', async () => {
    const fit = fitPrompt(designOf({ task: column((prompt) => task[prompt]), ...intercepts }));
    const expected = contrastT(fit, Float64Array.of(1, 0, 0, 0));
    const plan = planPermutations({
      labels: task,
      runs: Int32Array.from(task, (_, b) => runOf(b)),
      count: 99,
      seed: 1,
    });
    const found = await permutationT({ means: fit.promptMeans, prompts, units, plan });
    expect(found.degreesOfFreedom).toBe(expected.df);
    expectWithinRelative(found.t, expected.t, 1e-9);
  });

  test('t and F of contrasts of a design with a task in each run', async () => {
    const tasks = Object.fromEntries(
      Array.from({ length: runs }, (_, r) => [`task ${r}`, column((b) => (runOf(b) === r ? task[b] : 0))]),
    );
    const fit = fitPrompt(designOf({ ...tasks, ...intercepts }));
    const runOfPrompt = Int32Array.from(task, (_, b) => runOf(b));
    for (const contrast of [
      [[1, -1, 0, 0, 0, 0]],
      [
        [1, -1, 0, 0, 0, 0],
        [0, 1, -1, 0, 0, 0],
      ],
    ]) {
      const parts = partitionDesign(fit.design.X, prompts, Float64Array.from(contrast.flat()));
      const plan = planPermutations({
        labels: parts.interest,
        columns: parts.columns,
        runs: runOfPrompt,
        count: 99,
        seed: 1,
        nuisance: parts.nuisance,
        blockIntercepts: false,
      });
      const options = { means: fit.promptMeans, prompts, units, plan };
      if (contrast.length === 1) {
        const expected = contrastT(fit, Float64Array.from(contrast[0]));
        const found = await permutationT(options);
        expect(found.degreesOfFreedom).toBe(expected.df);
        expectWithinRelative(found.t, expected.t, 1e-9);
      } else {
        const expected = contrastF(
          fit,
          contrast.map((row) => Float64Array.from(row)),
        );
        expectWithinRelative((await permutationF(options)).F, expected.F, 1e-9);
      }
    }
  });
});

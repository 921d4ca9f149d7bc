import { type DesignMatrix, designOf, designSpace } from '../design-matrix.js';
import { partitionDesign } from '../inference/partition.js';
import { type PermutationPlan, planPermutations } from '../inference/permutation-plan.js';
import { gramMatrix, unscaledCovariance } from '../noise/least-squares.js';
import { contrastRows, effectVector } from '../spread/bearing-rows.js';
import type { PromptNoise } from './prompt-noise.js';
import type { Variance } from './variance-labels.js';

/** A study of prompts' means: runs of 18 prompts, 6 of rest, 6 of the run's task, 6 of rest. */
export interface PromptStudy {
  /** Task of each prompt, 1 or 2; 0 is rest. [prompts] */
  readonly tasks: Int32Array;
  /** Vectors whose inner products with the means are the tested effects, [k] of [prompts]. */
  readonly vectors: readonly Float64Array[];
  /** Relabellings of what is tested. */
  plan(variance: Variance, count: number, seed: string): PermutationPlan;
}

const [rest, task] = [6, 6];

/** @param noise says how many runs, and what is tested */
export function promptStudy({ runs, tested }: Pick<PromptNoise, 'runs' | 'tested'>): PromptStudy {
  const names = tested === 'task' ? ['a'] : ['a', 'b'];
  const all = runs * names.length;
  const perRun = rest + task + rest;
  const rows = all * perRun;
  const runOf = Int32Array.from({ length: rows }, (_, b) => Math.floor(b / perRun));
  const tasks = Int32Array.from(runOf, (run, b) => {
    const within = b % perRun;
    return within >= rest && within < rest + task ? 1 + (run % names.length) : 0;
  });
  const design: DesignMatrix = designOf([
    ...names.map((name, j) => [name, Array.from(tasks, (own) => (own === j + 1 ? 1 : 0))] as const),
    ...Array.from(
      { length: all },
      (_, run) => [`run ${run}`, Array.from(runOf, (own) => (own === run ? 1 : 0))] as const,
    ),
  ]);
  const rowOf = (...weights: number[]) => Float64Array.from({ length: design.columns }, (_, j) => weights[j] ?? 0);
  const weights = tested === 'task' ? [rowOf(1)] : tested === 'difference' ? [rowOf(1, -1)] : [rowOf(1), rowOf(0, 1)];
  const unscaled = unscaledCovariance(gramMatrix(design), designSpace(design));
  if (contrastRows(design, weights, runOf).length < rows) throw new RangeError('a run bears on no effect');
  const { interest, columns, nuisance } = partitionDesign(
    design.X,
    rows,
    Float64Array.from(weights.flatMap((row) => [...row])),
  );
  return {
    tasks,
    vectors: weights.map((row) => effectVector(design, unscaled, row)),
    plan: (variance, count, seed) =>
      planPermutations({
        labels: interest,
        ...{ columns, runs: runOf, nuisance, runIntercepts: false, count, seed },
        ...(variance === 'separate' && { conditions: tasks }),
      }),
  };
}

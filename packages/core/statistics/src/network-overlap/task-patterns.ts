import { type RunSums, runSums } from '../task-effect/run-sums.js';

/** Prompts' means of all runs of one task, which share one design. */
export interface TaskPatterns {
  units: number;
  /** Prompts of a run. */
  prompts: number;
  /** Task prompts of a run. */
  task: number;
  /** For each prompt of all runs, run after run, 1 (task) or 0 (rest). */
  isTask: Uint8Array;
  /**
   * [all prompts x units] row-major: means about their run's mean, times a power of two that brings each unit near 1, since no t depends on
   * their size; 0 for a unit that does not vary.
   */
  values: Float32Array;
  /** Of each run, in the units' own measure. */
  sums: RunSums[];
}

/** One run's means over each prompt's tokens. */
export interface RunMeans {
  /** [prompts x units] row-major */
  means: Float64Array;
  isTask: Uint8Array;
}

/** @throws RangeError where runs differ in their numbers of task and rest prompts */
export function taskPatterns(runs: readonly RunMeans[], units: number): TaskPatterns {
  const sums = runs.map(({ means, isTask }) => runSums(means, units, isTask));
  const [{ task, rest }] = sums;
  const prompts = task + rest;
  if (sums.some((own) => own.task !== task || own.rest !== rest)) throw new RangeError('runs differ in their design');
  const squares = new Float64Array(units);
  for (const { taskSquares, restSquares } of sums)
    for (let u = 0; u < units; u++) squares[u] = squares[u] + taskSquares[u] + restSquares[u];
  const scale = squares.map((own) => (own > 0 ? 2 ** -Math.round(Math.log2(own / runs.length / prompts) / 2) : 0));
  const values = new Float32Array(runs.length * prompts * units);
  for (const [r, { means }] of runs.entries()) {
    const mean = new Float64Array(units);
    for (let p = 0, at = 0; p < prompts; p++) for (let u = 0; u < units; u++, at++) mean[u] += means[at] / prompts;
    // A run in which a unit does not vary has no sums either.
    const { taskSquares, restSquares } = sums[r];
    const own = scale.map((factor, u) => (taskSquares[u] + restSquares[u] > 0 ? factor : 0));
    let to = r * prompts * units;
    for (let p = 0, at = 0; p < prompts; p++)
      for (let u = 0; u < units; u++, at++, to++) values[to] = (means[at] - mean[u]) * own[u];
  }
  return { units, prompts, task, isTask: Uint8Array.from(runs.flatMap(({ isTask }) => [...isTask])), values, sums };
}

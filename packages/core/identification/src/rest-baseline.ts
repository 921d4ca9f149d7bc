import type { RunActivity } from './run-activity.js';

/** Rest as the training sessions show it: what held-out activity is measured against. */
export interface Baseline {
  /** Mean of each unit over rest prompts, [units]. */
  mean: Float64Array;
  /** Standard deviation of each unit over rest prompts about their run's mean, [units]; 0 for a unit that never moves. */
  sd: Float64Array;
}

/** Mean and spread of rest over the given runs; held-out runs are never among them. */
export function restBaseline(runs: readonly RunActivity[]): Baseline {
  const units = runs[0].sums.sum.length;
  const mean = new Float64Array(units);
  const squares = new Float64Array(units);
  let count = 0;
  for (const { means, isTask } of runs) {
    const own = new Float64Array(units);
    let n = 0;
    for (let p = 0; p < isTask.length; p++) {
      if (isTask[p]) continue;
      n++;
      for (let u = 0, at = p * units; u < units; u++, at++) own[u] += means[at];
    }
    for (let u = 0; u < units; u++) {
      mean[u] += own[u];
      own[u] /= n;
    }
    for (let p = 0; p < isTask.length; p++)
      if (!isTask[p]) for (let u = 0, at = p * units; u < units; u++, at++) squares[u] += (means[at] - own[u]) ** 2;
    count += n;
  }
  const df = count - runs.length;
  return { mean: mean.map((sum) => sum / count), sd: squares.map((sum) => Math.sqrt(sum / df)) };
}

/** Activity of a prompt, or of the mean of several, in standard deviations of rest, [units]. */
export function againstRest({ mean, sd }: Baseline, activity: RunActivity, prompts: readonly number[]): Float64Array {
  const units = mean.length;
  const z = new Float64Array(units);
  for (const p of prompts) for (let u = 0, at = p * units; u < units; u++, at++) z[u] += activity.means[at];
  for (let u = 0; u < units; u++) z[u] = sd[u] > 0 ? (z[u] / prompts.length - mean[u]) / sd[u] : 0;
  return z;
}

/** Places of the prompts of the task. */
export const taskPrompts = (isTask: Uint8Array): number[] => [...isTask.keys()].filter((p) => isTask[p]);

/** Activity of a run's task prompts together, 0 for units that have none, [units]. */
export function taskActivity(baseline: Baseline, run: RunActivity): Float64Array {
  return againstRest(baseline, run, taskPrompts(run.isTask)).map((value) => (Number.isFinite(value) ? value : 0));
}

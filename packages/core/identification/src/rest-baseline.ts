import type { RunActivity } from './run-activity.js';

/** Rest as the training sessions show it: what held-out activity is measured against. */
export interface Baseline {
  /** Mean of each unit over rest prompts, [units]. */
  mean: Float64Array;
  /** Standard deviation of each unit over rest prompts about their run's mean, [units]; 0 for a unit that never moves. */
  sd: Float64Array;
}

/** Rest prompts of one run: rows of a table [prompts x units], row-major. */
export interface RestRows {
  values: Float32Array;
  rows: ArrayLike<number>;
}

/** Mean and spread of some runs' rest prompts. */
export function restOf(runs: readonly RestRows[], units: number): Baseline {
  const mean = new Float64Array(units);
  const squares = new Float64Array(units);
  let count = 0;
  for (const { values, rows } of runs) {
    const own = new Float64Array(units);
    for (let i = 0; i < rows.length; i++)
      for (let u = 0, at = rows[i] * units; u < units; u++, at++) own[u] += values[at];
    for (let u = 0; u < units; u++) {
      mean[u] += own[u];
      own[u] /= rows.length;
    }
    for (let i = 0; i < rows.length; i++)
      for (let u = 0, at = rows[i] * units; u < units; u++, at++) squares[u] += (values[at] - own[u]) ** 2;
    count += rows.length;
  }
  const df = count - runs.length;
  return { mean: mean.map((sum) => sum / count), sd: squares.map((sum) => Math.sqrt(sum / df)) };
}

/** Mean and spread of rest over the given runs; held-out runs are never among them. */
export function restBaseline(runs: readonly RunActivity[]): Baseline {
  const rest = runs.map(({ means, isTask }) => ({
    values: means,
    rows: [...isTask.keys()].filter((p) => !isTask[p]),
  }));
  return restOf(rest, runs[0].sums.sum.length);
}

/** A unit's activity in standard deviations of rest; 0 where rest does not vary. */
export const deviationFromRest = ({ mean, sd }: Baseline, value: number, unit: number): number =>
  sd[unit] > 0 ? (value - mean[unit]) / sd[unit] : 0;

/** Activity of a prompt, or of the mean of several, in standard deviations of rest, [units]. */
export function againstRest(baseline: Baseline, activity: RunActivity, prompts: readonly number[]): Float64Array {
  const units = baseline.mean.length;
  const z = new Float64Array(units);
  for (const p of prompts) for (let u = 0, at = p * units; u < units; u++, at++) z[u] += activity.means[at];
  for (let u = 0; u < units; u++) z[u] = deviationFromRest(baseline, z[u] / prompts.length, u);
  return z;
}

/** Places of the prompts of the task. */
export const taskPrompts = (isTask: Uint8Array): number[] => [...isTask.keys()].filter((p) => isTask[p]);

/** Activity of a run's task prompts together, 0 for units that have none, [units]. */
export function taskActivity(baseline: Baseline, run: RunActivity): Float64Array {
  return againstRest(baseline, run, taskPrompts(run.isTask)).map((value) => (Number.isFinite(value) ? value : 0));
}

import { type CellSums, cellSums, meanOfCells } from '@galvani/statistics';
import type { RunActivity } from './run-activity.js';

/** Rest as the training sessions show it: what held-out activity is measured against. */
export interface Baseline {
  /** Mean of each unit over rest prompts, [units]. */
  mean: Float64Array;
  /** Standard deviation of each unit over rest prompts about their run's mean, [units]; 0 for a unit that never moves. */
  sd: Float64Array;
}

/** Mean and spread of rest prompts, summed up run by run; NaN where there are none. */
function restOf(runs: readonly CellSums[], units: number): Baseline {
  const squares = new Float64Array(units);
  for (const run of runs) for (let u = 0; u < squares.length; u++) squares[u] += run.squares[u];
  const df = runs.reduce((sum, { count }) => sum + count - 1, 0);
  return { mean: meanOfCells(runs, units), sd: squares.map((sum) => Math.sqrt(sum / df)) };
}

/** Mean and spread of rest over the given runs; held-out runs are never among them. */
export function restBaseline(runs: readonly RunActivity[]): Baseline {
  const units = runs[0].sums.sum.length;
  return restOf(
    runs.map(({ means, isTask }) =>
      cellSums(
        means,
        units,
        [...isTask.keys()].filter((p) => !isTask[p]),
      ),
    ),
    units,
  );
}

/** A unit's activity in standard deviations of rest; 0 where rest does not vary. */
const deviationFromRest = ({ mean, sd }: Baseline, value: number, unit: number): number =>
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

import type { RunCourse } from './study-course.js';

/** What the GLM expects of a unit in a run. */
export interface Fit {
  /** For each prompt: the run's level, and in task prompts the effect on it. NaN where the task's map has no effect of the unit. */
  expected: Float64Array;
  /** Share of the variance of prompts' means within the run that this explains: 1 less residual over total sum of squares. */
  explained: number;
}

/**
 * The fit of a task's map in a run of the task: its level is the mean of what the effect leaves of prompts' means, which is the least-squares level for
 * this effect.
 *
 * @param effect the map's, task less rest
 */
export function runFit({ run: { prompts }, promptMeans }: Pick<RunCourse, 'run' | 'promptMeans'>, effect: number): Fit {
  const isTask = prompts.map(({ condition }) => condition === 'task');
  const seen = [...prompts.keys()].filter((p) => !Number.isNaN(promptMeans[p]));
  const mean = (of: (p: number) => number) => seen.reduce((sum, p) => sum + of(p), 0) / seen.length;
  const level = mean((p) => promptMeans[p] - (isTask[p] ? effect : 0));
  const expected = Float64Array.from(isTask, (task) => level + (task ? effect : 0));
  const centre = mean((p) => promptMeans[p]);
  const left = mean((p) => (promptMeans[p] - expected[p]) ** 2);
  return { expected, explained: 1 - left / mean((p) => (promptMeans[p] - centre) ** 2) };
}

/** A run's course less what the GLM expects. */
export function residualCourse(course: RunCourse, { expected }: Fit): RunCourse {
  const { values, promptOf, promptMeans } = course;
  return {
    ...course,
    values: Float64Array.from(values, (value, row) => value - expected[promptOf[row]]),
    promptMeans: promptMeans.map((mean, p) => mean - expected[p]),
  };
}

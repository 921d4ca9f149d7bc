import { type DesignMatrix, designOf, joinDesigns } from '../design-matrix.js';
import type { PromptLayout } from '../layout.js';

/** The condition whose rows are baseline. */
export const restCondition = 'rest';

/**
 * A column of ones for each task and an intercept for each run. Rest is the implicit baseline: a task's coefficient is
 * its difference from the rest of the same runs.
 *
 * @param condition of each row; `rest` or null is baseline
 * @param tasks columns in this order; default: conditions in order of appearance
 * @param runName names a run's intercept; default `run 3`
 */
export function blockDesign(
  layout: PromptLayout,
  condition: readonly (string | null)[],
  tasks: readonly string[] = conditionsOf(condition),
  runName: (run: number) => string = (run) => `run ${run}`,
): DesignMatrix {
  return joinDesigns(boxcars(condition, tasks), runIntercepts(layout, runName));
}

/**
 * A column of ones and zeros for each task, [rows x tasks].
 *
 * @example boxcars(['a', 'rest', 'b', null]).X // [1, 0, 0, 0, 0, 1, 0, 0]
 */
export function boxcars(
  condition: readonly (string | null)[],
  tasks: readonly string[] = conditionsOf(condition),
): DesignMatrix {
  const X = new Float64Array(condition.length * tasks.length);
  const column = new Map(tasks.map((task, j) => [task, j]));
  condition.forEach((name, row) => {
    const j = name === null ? undefined : column.get(name);
    if (j !== undefined) X[row * tasks.length + j] = 1;
  });
  return { names: [...tasks], X, rows: condition.length, columns: tasks.length };
}

/** A column of ones for each run, [rows x runs]. */
export function runIntercepts(
  layout: PromptLayout,
  runName: (run: number) => string = (run) => `run ${run}`,
): DesignMatrix {
  const runs = [...new Set(layout.run)];
  return designOf(
    runs.map((run) => [runName(run), Float64Array.from(layout.run, (own) => (own === run ? 1 : 0))] as const),
  );
}

/** The tasks of a series, in order of appearance. */
export function conditionsOf(condition: readonly (string | null)[]): string[] {
  return [...new Set(condition)].filter((name): name is string => name !== null && name !== restCondition);
}

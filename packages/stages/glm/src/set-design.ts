import { type DesignMatrix, designOf, type PromptLayout, promptLayout } from '@galvani/statistics';
import type { RunRows } from './run-rows.js';

/** The design of a map set, with the layout of its rows. */
export interface SetDesign {
  design: DesignMatrix;
  layout: PromptLayout;
}

/** One row a prompt: what relabelling works on, and what the noise model `prompt` fits. */
export function promptDesign(runs: readonly RunRows[]): SetDesign {
  return designRows(
    runs,
    runs.map(({ prompts }) => Int32Array.from({ length: prompts }, (_, p) => p)),
  );
}

/** One row a generated token. */
export function tokenDesign(runs: readonly RunRows[]): SetDesign {
  return designRows(
    runs,
    runs.map(({ promptOfRow }) => promptOfRow),
  );
}

/**
 * A boxcar for each task and an intercept for each run; rest is what the intercepts model, so a task's coefficient is task
 * minus rest.
 */
function designRows(runs: readonly RunRows[], promptsOfRows: readonly Int32Array[]): SetDesign {
  const rows = promptsOfRows.reduce((sum, own) => sum + own.length, 0);
  const tasks = [...new Set(runs.map(({ run }) => run.task))];
  const columns: Record<string, Float64Array> = {};
  for (const task of tasks) columns[task] = new Float64Array(rows);
  for (const { run } of runs) columns[`run ${run.name}`] = new Float64Array(rows);
  const runOfRow = new Int32Array(rows);
  const promptOfRow = new Int32Array(rows);
  let row = 0;
  for (const [r, { run, isTask }] of runs.entries())
    for (const prompt of promptsOfRows[r]) {
      columns[run.task][row] = isTask[prompt];
      columns[`run ${run.name}`][row] = 1;
      runOfRow[row] = r;
      promptOfRow[row] = prompt;
      row++;
    }
  return { design: designOf(columns), layout: promptLayout(runOfRow, promptOfRow) };
}

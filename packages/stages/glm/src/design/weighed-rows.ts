import { type Contrast, type DesignMatrix, promptLayout, segmentsOf } from '@galvani/statistics';
import type { RunsDesign } from './design-of-runs.js';

/**
 * Rows of the tasks that a contrast weighs, 1, and of others, 0. A task is weighed where a column that has weight is not 0 in some of
 * its rows: its own, or one that all tasks have in common.
 */
export function weighedRows({ design: { X, columns }, condition }: RunsDesign, { weights }: Contrast): Uint8Array {
  const weighed = [...Array(columns).keys()].filter((j) => weights.some((row) => row[j] !== 0));
  const tasks = new Set<string | null>();
  for (const [i, task] of condition.entries())
    if (!tasks.has(task) && weighed.some((j) => X[i * columns + j] !== 0)) tasks.add(task);
  return Uint8Array.from(condition, (task) => (tasks.has(task) ? 1 : 0));
}

/** A design of some of its rows, whole prompts, without the columns that are 0 in all of them. */
export function designOfRows(made: RunsDesign, kept: Uint8Array): RunsDesign {
  if (kept.every((own) => own === 1)) return made;
  const rows = [...kept.keys()].filter((i) => kept[i] === 1);
  const { X, names, columns } = made.design;
  const used = [...Array(columns).keys()].filter((j) => rows.some((i) => X[i * columns + j] !== 0));
  const design: DesignMatrix = {
    names: used.map((j) => names[j]),
    X: Float64Array.from(rows.flatMap((i) => used.map((j) => X[i * columns + j]))),
    rows: rows.length,
    columns: used.length,
  };
  const [run, prompt] = [made.layout.run, made.layout.prompt].map((of) => rows.map((i) => of[i]));
  const { start, count } = segmentsOf(made.layout);
  const prompts = Array.from({ length: count }, (_, s) => s).filter((s) => kept[start[s]] === 1);
  return {
    design,
    layout: promptLayout(run, prompt),
    condition: rows.map((i) => made.condition[i]),
    names: made.names,
    overColumns(weights) {
      const all = made.overColumns(weights);
      return Float64Array.from(used, (j) => all[j]);
    },
    conditionOfPrompt: Int32Array.from(prompts, (s) => made.conditionOfPrompt[s]),
  };
}

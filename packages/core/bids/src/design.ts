import type { DesignEntry } from '@galvani/artifact';
import type { Run } from '@galvani/pipeline';
import { repetitionTime } from './events.js';
import { tsvText } from './tsv.js';

/** A task's design matrix: a row for each prompt of its runs, a column for each regressor. */
export interface TaskDesign {
  columns: string[];
  /** [prompts x columns] */
  rows: number[][];
  /** Which rows are of which run: from `first` on, as many as it has prompts. */
  runs: { run: string; session: number; first: number; prompts: number }[];
}

/**
 * @param entries of glm/design.parquet, of all tasks
 * @param runs of the task, each with its number of prompts
 */
export function taskDesign(
  entries: readonly DesignEntry[],
  task: string,
  runs: readonly { run: Run; prompts: number }[],
): TaskDesign {
  const own = entries.filter((entry) => entry.task === task);
  const columns = [...new Set(own.map(({ column }) => column))];
  let first = 0;
  const spans = runs.map(({ run, prompts }) => {
    const span = { run: run.name, session: run.session, first, prompts };
    first += prompts;
    return span;
  });
  const firstOf = new Map(spans.map((span) => [span.run, span.first]));
  const columnOf = new Map(columns.map((column, c) => [column, c]));
  const rows = Array.from({ length: first }, () => columns.map(() => 0));
  for (const { column, run, prompt, value } of own) {
    const start = firstOf.get(run);
    if (start !== undefined) rows[start + prompt][columnOf.get(column)!] = value;
  }
  return { columns, rows, runs: spans };
}

export const designText = ({ columns, rows }: TaskDesign): string => tsvText(columns, rows);

export const designSidecar = (task: string, { runs }: TaskDesign, noise: string | undefined) => ({
  TaskName: task,
  RepetitionTime: repetitionTime,
  Description:
    'Design matrix of the task over its runs: a row for each prompt, run after run; each regressor as its mean over the prompt’s tokens.',
  Rows: runs.map(({ run, session, first, prompts }) => ({
    Run: run,
    Session: session,
    FirstRow: first,
    Prompts: prompts,
  })),
  NoiseModel: noise,
});

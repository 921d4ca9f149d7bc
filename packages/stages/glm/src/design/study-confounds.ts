import type { Recording } from '@galvani/results';
import { type ConfoundTable, readConfoundTable } from '@galvani/study';

/** Confounds of a study: by run, for each column by its name a value for each row of the run. */
export type StudyConfounds = Map<string, Map<string, Float64Array>>;

/** Reads the confounds of a study, for every token of every run. */
export async function readStudyConfounds(path: string, runs: readonly Recording[]): Promise<StudyConfounds> {
  const table = await readConfoundTable(
    path,
    runs.map(({ run }) => run),
  );
  return new Map(runs.map((rows) => [rows.run.name, confoundsOfRows(table, rows)]));
}

function confoundsOfRows(table: ConfoundTable, { run, promptOfRow, tokens }: Recording): Map<string, Float64Array> {
  const columns = table.columns.map((name) => [name, new Float64Array(promptOfRow.length)] as const);
  for (const [row, prompt] of promptOfRow.entries()) {
    const own = table.values(run.name, prompt, tokens[row].position);
    for (const [c, [, column]] of columns.entries()) column[row] = own[c];
  }
  return new Map(columns);
}

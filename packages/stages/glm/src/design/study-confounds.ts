import {
  numberCell,
  type PersonalRow,
  type PersonalTable,
  readPersonalTable,
  requireColumns,
  textCell,
} from '@galvani/study';
import { UserMistake } from '@galvani/terminal';
import type { RunRows } from '../run-rows.js';

/** Confounds of a study by run: for each column a value for each row of the run. */
export type StudyConfounds = Map<string, Record<string, Float64Array>>;

/**
 * Reads the confounds of a study: columns `run` and `prompt` (and `position`, where tokens of a prompt differ), then
 * numbers. Every prompt (or token) of every run needs one line.
 */
export async function readStudyConfounds(path: string, runs: readonly RunRows[]): Promise<StudyConfounds> {
  return studyConfounds(await readPersonalTable(path), runs);
}

/** The same of a table that was read. */
export function studyConfounds(table: PersonalTable, runs: readonly RunRows[]): StudyConfounds {
  requireColumns(table, ['run', 'prompt'], 'confounds of a study');
  const byToken = table.names.includes('position');
  const columns = table.names.filter((name) => !['run', 'prompt', 'position'].includes(name));
  if (columns.length === 0)
    throw new UserMistake(`${table.path} has no column besides run, prompt and position: add one for each confound.`);
  const keyOf = (run: string, prompt: number, position: number) => `${run} ${prompt}${byToken ? ` ${position}` : ''}`;
  const lines = new Map<string, PersonalRow>();
  for (const row of table.rows) {
    const run = textCell(row, 'run');
    if (!runs.some((each) => each.run.name === run))
      throw new UserMistake(`${row.where}: there is no run '${run}'; runs are ${runs[0].run.name} and so on.`);
    const key = keyOf(run, numberCell(row, 'prompt'), byToken ? numberCell(row, 'position') : 0);
    const before = lines.get(key);
    if (before)
      throw new UserMistake(`${row.where}: the same ${byToken ? 'token' : 'prompt'} was given at ${before.where}.`);
    lines.set(key, row);
  }
  const found: StudyConfounds = new Map();
  for (const { run, promptOfRow, values } of runs) {
    const own = Object.fromEntries(columns.map((name) => [name, new Float64Array(promptOfRow.length)]));
    for (const [row, prompt] of promptOfRow.entries()) {
      const line = lines.get(keyOf(run.name, prompt, values.position[row]));
      if (line === undefined)
        throw new UserMistake(
          `${table.path} has no line for run ${run.name}, prompt ${prompt}${byToken ? `, position ${values.position[row]}` : ''} (prompts and positions count from 0).`,
        );
      for (const name of columns) own[name][row] = numberCell(line, name);
    }
    found.set(run.name, own);
  }
  return found;
}

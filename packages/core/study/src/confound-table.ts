import type { Run } from '@galvani/pipeline';
import { UserMistake } from '@galvani/terminal';
import { requireRegressorRange } from './regressor-range.js';
import { dataColumns, numberCell, readUserTable, requireColumns, textCell, type UserTable } from './user-table.js';

/** Confounds of a study: a line for each prompt of each run, or for each token of it. */
export interface ConfoundTable {
  path: string;
  /** Names of the confounds. */
  columns: string[];
  /** Whether it has a line for each token. */
  byToken: boolean;
  /**
   * The confounds of a token in the order of `columns`.
   * @throws UserMistake where the table has no line for it
   */
  values(run: string, prompt: number, position: number): number[];
}

/**
 * Reads the confounds of a study: columns `run` and `prompt` (and `position`, where tokens of a prompt differ), then
 * numbers.
 * @throws UserMistake with file and line
 */
export async function readConfoundTable(path: string, runs: readonly Run[]): Promise<ConfoundTable> {
  return confoundTable(await readUserTable(path), runs);
}

/** The same of a table that was read. */
export function confoundTable(table: UserTable, runs: readonly Run[]): ConfoundTable {
  requireColumns(table, ['run', 'prompt'], 'confounds of a study', ['position']);
  const byToken = table.names.includes('position');
  const columns = dataColumns(table).filter((name) => !['run', 'prompt', 'position'].includes(name));
  if (columns.length === 0)
    throw new UserMistake(`${table.path} has no column besides run, prompt and position: add one for each confound.`);
  const known = new Set(runs.map(({ name }) => name));
  const keyOf = (run: string, prompt: number, position: number) => `${run} ${prompt}${byToken ? ` ${position}` : ''}`;
  const lines = new Map<string, { where: string; values: number[] }>();
  for (const row of table.rows) {
    const run = textCell(row, 'run');
    if (!known.has(run))
      throw new UserMistake(`${row.where}: there is no run '${run}'; runs are ${runs[0].name} and so on.`);
    const key = keyOf(run, numberCell(row, 'prompt'), byToken ? numberCell(row, 'position') : 0);
    const before = lines.get(key);
    if (before)
      throw new UserMistake(`${row.where}: the same ${byToken ? 'token' : 'prompt'} was given at ${before.where}.`);
    lines.set(key, { where: row.where, values: columns.map((name) => numberCell(row, name)) });
  }
  for (const [c, name] of columns.entries())
    requireRegressorRange(
      [...lines.values()].map(({ values }) => values[c]),
      `${table.path}: the confound '${name}'`,
    );
  return {
    path: table.path,
    columns,
    byToken,
    values(run, prompt, position) {
      const line = lines.get(keyOf(run, prompt, position));
      if (line !== undefined) return line.values;
      throw new UserMistake(
        `${table.path} has no line for run ${run}, prompt ${prompt}${byToken ? `, position ${position}` : ''} (prompts and positions count from 0).`,
      );
    },
  };
}

import { csvLine, type NamedColumn, writeFileWhole, writeNamedTable } from '@galvani/artifact';
import type { Site } from '@galvani/model';
import { formatCount, UserMistake } from '@galvani/terminal';
import type { ReplayedRun } from './replay-sites.js';

export type ReplayFormat = 'parquet' | 'csv' | 'json';

/** Numbers of a table that are written in a minute or so. */
const mostNumbers: Record<ReplayFormat, number> = { parquet: 3e6, csv: 20e6, json: 20e6 };
/** Rows that are turned into text at once. */
const rowsAtOnce = 1000;

/**
 * Replayed rows as a table: run, prompt (its place in the run, from 0), position (of the token, from 0), token_id, token, after_end, then
 * the value of each unit in a column `<site>.<unit>`.
 */
export interface ReplayTable {
  columns: NamedColumn[];
  rows: number;
}

/** Units of a site that a table has. */
export interface SiteUnits {
  site: Site;
  units: readonly number[];
}

/**
 * @param units of each site. Default: all
 * @throws UserMistake for a table of so many numbers that its format is none for them
 */
export async function replayTable(
  runs: readonly ReplayedRun[],
  format: ReplayFormat,
  units?: readonly number[],
): Promise<ReplayTable> {
  const sites = runs[0]?.sites ?? [];
  const rows = runs.reduce((sum, { tokens }) => sum + tokens.length, 0);
  const numbers = rows * sites.reduce((sum, { width }) => sum + (units?.length ?? width), 0);
  if (numbers > mostNumbers[format])
    throw new UserMistake(
      `the table would have ${formatCount(numbers)} numbers, and at most ${formatCount(mostNumbers[format])} are written as ${format}: choose units (--unit) or one run (--run). All of them are in the study's folder replay, as Arrow files.`,
    );
  return tableOf(
    runs,
    sites.map((site) => ({ site, units: units ?? unitsOf(site) })),
  );
}

export const unitsOf = ({ width }: Site) => Array.from({ length: width }, (_, unit) => unit);

/** A table of some units of each site. */
export async function tableOf(runs: readonly ReplayedRun[], chosen: readonly SiteUnits[]): Promise<ReplayTable> {
  const places = runs.flatMap(({ tokens }, r) => tokens.map((token) => ({ token, run: r })));
  const columns: NamedColumn[] = [
    { name: 'run', type: 'text', value: (row) => runs[places[row].run].run },
    { name: 'prompt', type: 'int32', value: (row) => places[row].token.prompt },
    { name: 'position', type: 'int32', value: (row) => places[row].token.position },
    { name: 'token_id', type: 'int32', value: (row) => places[row].token.token_id },
    { name: 'token', type: 'text', value: (row) => places[row].token.token },
    { name: 'after_end', type: 'flag', value: (row) => places[row].token.after_end },
  ];
  for (const { site, units } of chosen) {
    const values = await unitRows(runs, site, units);
    for (const [u, unit] of units.entries())
      columns.push({ name: `${site.name}.${unit}`, type: 'float64', value: (row) => values[row * units.length + u] });
  }
  return { columns, rows: places.length };
}

/** The values of some units in all rows of all runs, [rows x units]. */
async function unitRows(runs: readonly ReplayedRun[], site: Site, units: readonly number[]): Promise<Float32Array> {
  const rows = runs.reduce((sum, { tokens }) => sum + tokens.length, 0);
  const values = new Float32Array(rows * units.length);
  let at = 0;
  for (const run of runs) {
    const own = await run.rows(site.name, units);
    values.set(own, at);
    at += own.length;
  }
  return values;
}

/** Writes a table to a file, whole or not at all. */
export async function writeReplayTable(path: string, table: ReplayTable, format: ReplayFormat): Promise<void> {
  if (format === 'parquet') return writeNamedTable(path, table.columns, table.rows);
  const pieces = [...replayText(table, format)].map((text) => Buffer.from(text));
  return writeFileWhole(path, pieces);
}

/** A table as text, in pieces: CSV, or JSON with an object for each row, in which numbers that are not finite are texts. */
export function* replayText({ columns, rows }: ReplayTable, format: 'csv' | 'json'): Generator<string> {
  const names = columns.map(({ name }) => name);
  yield format === 'csv' ? csvLine(names) : '[';
  for (let first = 0; first < rows; first += rowsAtOnce) {
    const lines: string[] = [];
    for (let row = first; row < Math.min(rows, first + rowsAtOnce); row++) {
      const cells = columns.map(({ value }) => value(row));
      lines.push(format === 'csv' ? csvLine(cells) : `${row === 0 ? '' : ','}\n${jsonLine(names, cells)}`);
    }
    yield lines.join('');
  }
  if (format === 'json') yield '\n]\n';
}

const jsonLine = (names: readonly string[], cells: readonly (string | number | boolean)[]) =>
  JSON.stringify(Object.fromEntries(names.map((name, c) => [name, jsonCell(cells[c])])));

const jsonCell = (cell: string | number | boolean) =>
  typeof cell === 'number' && !Number.isFinite(cell) ? String(cell) : cell;

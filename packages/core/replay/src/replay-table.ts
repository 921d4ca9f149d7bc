import { csvLine, type NamedColumn, writeFileWhole, writeNamedTable } from '@galvani/artifact';
import type { Site } from '@galvani/model';
import { formatCount, UserMistake } from '@galvani/terminal';
import { wholeColumn } from './compare-recording.js';
import type { ReplayedRun } from './replay-sites.js';

export type ReplayFormat = 'parquet' | 'csv' | 'json';

/** Numbers of a table that fit in memory with all that a table's cells take there. */
const mostNumbers = 20e6;
/** Rows that are turned into text at once. */
const rowsAtOnce = 1000;

/**
 * Replayed rows as a table: run, prompt (its place in the run, from 0), position (of the token, from 0), token_id, token, after_end, then
 * the value of each unit in a column `<site>.<unit>`.
 */
export interface ReplayTable {
  columns: NamedColumn[];
  rows: number;
  /** Names of the sites. */
  sites: string[];
}

/**
 * @param units of each site. Default: all
 * @throws UserMistake for a table that no memory would hold
 */
export async function replayTable(runs: readonly ReplayedRun[], units?: readonly number[]): Promise<ReplayTable> {
  const sites = runs[0]?.sites ?? [];
  const chosen = (site: Site) => units ?? Array.from({ length: site.width }, (_, unit) => unit);
  const places = runs.flatMap(({ tokens }, r) => tokens.map((token) => ({ token, run: r })));
  const numbers = places.length * sites.reduce((sum, { width }) => sum + (units?.length ?? width), 0);
  if (numbers > mostNumbers)
    throw new UserMistake(
      `the table would have ${formatCount(numbers)} numbers, and at most ${formatCount(mostNumbers)} are written: choose units (--unit) or one run (--run). All of them are in the study's folder replay, as Arrow files.`,
    );
  const columns: NamedColumn[] = [
    { name: 'run', type: 'text', value: (row) => runs[places[row].run].run },
    { name: 'prompt', type: 'int32', value: (row) => places[row].token.prompt },
    { name: 'position', type: 'int32', value: (row) => places[row].token.position },
    { name: 'token_id', type: 'int32', value: (row) => places[row].token.token_id },
    { name: 'token', type: 'text', value: (row) => places[row].token.token },
    { name: 'after_end', type: 'flag', value: (row) => places[row].token.after_end },
  ];
  for (const site of sites) {
    const own = chosen(site);
    const values = await unitRows(runs, site, own);
    for (const [u, unit] of own.entries())
      columns.push({ name: `${site.name}.${unit}`, type: 'float64', value: (row) => values[row * own.length + u] });
  }
  return { columns, rows: places.length, sites: sites.map(({ name }) => name) };
}

/** The values of some units in all rows of all runs, [rows x units]. */
async function unitRows(runs: readonly ReplayedRun[], site: Site, units: readonly number[]): Promise<Float32Array> {
  const rows = runs.reduce((sum, { tokens }) => sum + tokens.length, 0);
  const values = new Float32Array(rows * units.length);
  let at = 0;
  for (const run of runs) {
    const whole = await wholeColumn(await run.open(site.name), site.name);
    for (let row = 0; row < run.tokens.length; row++)
      for (const unit of units) values[at++] = whole[row * site.width + unit];
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
export function* replayText({ columns, rows }: Omit<ReplayTable, 'sites'>, format: 'csv' | 'json'): Generator<string> {
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

/**
 * The first rows of a table and the first of its units, as lines that a person reads; then what is left out. Of one site its name comes
 * first, and units are numbers.
 */
export function replayHead(
  { columns, rows, sites }: ReplayTable,
  { mostRows = 10, mostUnits = 6 }: { mostRows?: number; mostUnits?: number } = {},
): string[] {
  const units = columns.slice(6);
  const shown = [...columns.slice(0, 3), columns[4], ...units.slice(0, mostUnits)];
  const cell = ({ name, type, value }: NamedColumn, row: number) => {
    const own = value(row);
    if (type === 'float64') return (own as number).toPrecision(5);
    return name === 'token' ? JSON.stringify(own) : String(own);
  };
  const headOf = ({ name }: NamedColumn) => (sites.length === 1 ? name.replace(`${sites[0]}.`, '') : name);
  const count = Math.min(rows, mostRows);
  const cells = shown.map((column) => [
    headOf(column),
    ...Array.from({ length: count }, (_, row) => cell(column, row)),
  ]);
  const widths = cells.map((own) => Math.max(...own.map(({ length }) => length)));
  const lines = Array.from({ length: count + 1 }, (_, line) =>
    cells
      .map((own, c) => (c === 0 || c === 3 ? own[line].padEnd(widths[c]) : own[line].padStart(widths[c])))
      .join('  '),
  );
  if (sites.length === 1) lines.unshift(sites[0]);
  const left = [
    ...(rows > count ? [more(rows - count, 'row')] : []),
    ...(units.length > mostUnits ? [more(units.length - mostUnits, 'unit')] : []),
  ];
  return left.length > 0 ? [...lines, `... ${left.join(' and ')}: --out FILE writes all of them`] : lines;
}

const more = (count: number, what: string) => `${formatCount(count)} more ${what}${count === 1 ? '' : 's'}`;

import { basename } from 'node:path';
import { sha256OfFile } from '@galvani/artifact';
import { type CheckedYaml, checkYaml, dataColumns, numberCell, readUserTable } from '@galvani/study';
import { didYouMean, readTextFile, UserMistake } from '@galvani/terminal';
import { type SeriesConfig, seriesConfigSchema } from './series-config.js';
import { modulatorsOfEvents, modulatorsOfTokens, runOfDesign, runsOfEvents, type SeriesRun } from './series-events.js';
import type { SeriesFile } from './series-file.js';

/** @throws UserMistake that names line and field */
export async function readConfig(path: string): Promise<CheckedYaml<SeriesConfig>> {
  const text = await readTextFile(path, { missing: `there is no config at ${path}.` });
  return checkYaml(text, path, seriesConfigSchema, 'the config');
}

/** The runs of all files, from events or from galvani's own design and tokens. */
export async function readRuns(
  { events, tokens = [] }: { events: readonly string[]; tokens?: readonly string[] },
  config: SeriesConfig,
  files: readonly SeriesFile[],
  locate: CheckedYaml<SeriesConfig>['locate'],
): Promise<SeriesRun[]> {
  const modulators = (config.modulators ?? []).map(({ value }) => value);
  const runs: SeriesRun[] = [];
  let nextTokens = 0;
  for (const [f, file] of files.entries()) {
    const table = await readUserTable(events[f]);
    const name = files.length === 1 ? '1' : String(f + 1);
    if (table.names.includes('onset')) {
      requireModulators(modulators, table.path, modulatorsOfEvents(table.names), locate);
      runs.push(...runsOfEvents(table, file.rows, modulators, name));
    } else if (tokens[nextTokens] !== undefined) {
      const rows = await readUserTable(tokens[nextTokens++]);
      requireModulators(modulators, rows.path, modulatorsOfTokens(rows.names), locate);
      runs.push(runOfDesign(table, rows, file.rows, name));
    } else
      throw new UserMistake(
        `${events[f]} has no column onset. Events need onset, duration (in rows) and trial_type; a design table of galvani needs --tokens FILE with its run's tokens.parquet. It has: ${table.names.join(', ')}.`,
      );
  }
  // Each run's map is a file, and some disks take A and a for one name.
  const folded = runs.map(({ name }) => name.toLowerCase());
  const twice = runs.find((_, r) => folded.indexOf(folded[r]) !== r);
  if (twice)
    throw new UserMistake(`Two runs are called ${twice.name} (capitals aside): name them in the events' column run.`);
  const odd = runs.find(({ name }) => !/^[\w.-]{1,100}$/.test(name));
  if (odd)
    throw new UserMistake(
      `A run is called '${odd.name}': use at most 100 letters, digits, dashes, dots and underscores.`,
    );
  return runs;
}

/** @throws UserMistake with the line of the config where a table has no such column */
function requireModulators(
  modulators: readonly string[],
  path: string,
  columns: readonly string[],
  locate: CheckedYaml<SeriesConfig>['locate'],
): void {
  const m = modulators.findIndex((name) => !columns.includes(name));
  if (m >= 0)
    throw new UserMistake(
      `${locate('modulators', m)}: ${path} has no column '${modulators[m]}' for a modulator.${didYouMean(modulators[m], columns)} It has: ${columns.join(', ') || 'none'}.`,
    );
}

/** Confounds of all rows, from one table or one for each run. */
export async function readConfounds(
  paths: readonly string[],
  rows: number,
): Promise<Map<string, Float64Array> | undefined> {
  if (paths.length === 0) return undefined;
  const tables = await Promise.all(paths.map((path) => readUserTable(path)));
  const [names, ...others] = tables.map(dataColumns);
  const odd = tables.find((_, t) => t > 0 && JSON.stringify(others[t - 1]) !== JSON.stringify(names));
  if (odd) throw new UserMistake(`${odd.path} has other columns than ${tables[0].path}: confounds of all runs agree.`);
  const lines = tables.flatMap((table) => table.rows);
  if (lines.length !== rows)
    throw new UserMistake(`${paths.join(', ')}: ${lines.length} lines of confounds for ${rows} rows: give one a row.`);
  return new Map(names.map((name) => [name, Float64Array.from(lines, (line) => numberCell(line, name))]));
}

/** The confounds of rows `from` to before `until`. */
export function confoundsOfRows(
  confounds: ReadonlyMap<string, Float64Array> | undefined,
  from: number,
  until: number,
): Map<string, Float64Array> | undefined {
  return confounds && new Map([...confounds].map(([name, values]) => [name, values.subarray(from, until)]));
}

/** SHA-256 of files by their base name. */
export async function inputsOf(paths: readonly string[]): Promise<Record<string, string>> {
  const found = new Map<string, string>();
  for (const [i, path] of paths.entries()) {
    let name = basename(path);
    while (found.has(name)) name = `${i + 1}-${name}`;
    found.set(name, await sha256OfFile(path));
  }
  return Object.fromEntries(found);
}

import { firstRowFrom, lastRowUntil } from '@galvani/statistics';
import { nameCell, numberCell, requireColumns, textCell, type UserTable } from '@galvani/study';
import { didYouMean, UserMistake } from '@galvani/terminal';

/** Something that happens for a while in a run. */
export interface SeriesEvent {
  /** First row, from 0 at the start of the run's series; may lie between rows, and within a hundredth of one is that row. */
  onset: number;
  /** Rows that it lasts. */
  duration: number;
  /** Condition. */
  trialType: string;
  /** Prompt that its rows belong to; events of one prompt are neighbours. */
  prompt?: string;
  /** Numbers of the event that modulators may take. */
  values?: Readonly<Record<string, number>>;
}

/** A number of an event by its name. */
export function eventValue({ values }: SeriesEvent, name: string): number | undefined {
  return values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
}

/** One run: rows of a series, and what happened in them. */
export interface SeriesRun {
  name: string;
  rows: number;
  events: readonly SeriesEvent[];
  /** Numbers of each row that modulators may take. */
  values?: Readonly<Record<string, ArrayLike<number>>>;
}

const known = ['onset', 'duration', 'trial_type', 'run', 'prompt'];

/** Columns of a table of events that modulators may name. */
export const modulatorsOfEvents = (names: readonly string[]) => names.filter((name) => !known.includes(name));

const tokenValues = ['position', 'log_probability', 'entropy'];

/** The same of galvani's own tokens. */
export const modulatorsOfTokens = (names: readonly string[]) => tokenValues.filter((name) => names.includes(name));

/**
 * Events of one series from a table: `onset` and `duration` in rows, `trial_type`; perhaps `prompt`; perhaps `run`, which
 * cuts the series into runs, each from its first event's onset on (the first from row 0); further columns are modulators
 * where the config names them.
 *
 * @param rows of the series
 * @param modulators columns to read as numbers
 * @param name of the run, where the table has no column `run`
 */
export function runsOfEvents(table: UserTable, rows: number, modulators: readonly string[], name: string): SeriesRun[] {
  requireColumns(table, ['onset', 'duration', 'trial_type'], 'events', ['run', 'prompt']);
  if (table.rows.length === 0) throw new UserMistake(`${table.path} has no events.`);
  const own = modulatorsOfEvents(table.names).filter((name) => modulators.includes(name));
  const hasPrompts = table.names.includes('prompt');
  const byRun = new Map<string, (SeriesEvent & { where: string })[]>();
  for (const line of table.rows) {
    const run = table.names.includes('run')
      ? nameCell(line, 'run', 'every event needs one, or none has the column')
      : name;
    const event = {
      where: line.where,
      onset: numberCell(line, 'onset'),
      duration: numberCell(line, 'duration'),
      trialType: nameCell(line, 'trial_type', 'every event needs one'),
      ...(hasPrompts && { prompt: nameCell(line, 'prompt', 'every event needs one') }),
      values: Object.fromEntries(own.map((each) => [each, numberCell(line, each)])),
    };
    checkEvent(event, rows);
    const events = byRun.get(run);
    if (events) events.push(event);
    else byRun.set(run, [event]);
  }
  const starts = [...byRun.values()].map((events, r) =>
    r === 0 ? 0 : lastRowUntil(events.reduce((first, { onset }) => Math.min(first, onset), Number.POSITIVE_INFINITY)),
  );
  return [...byRun].map(([run, events], r) => {
    const [from, until] = [starts[r], starts[r + 1] ?? rows];
    if (until <= from)
      throw new UserMistake(`${events[0].where}: run ${run} begins at row ${from}, where the next one already began.`);
    const shifted = events.map(({ where, ...event }) => {
      if (firstRowFrom(event.onset + event.duration) > until)
        throw new UserMistake(`${where}: the event ends at row ${event.onset + event.duration}, its run at ${until}.`);
      return { ...event, onset: event.onset - from };
    });
    return { name: run, rows: until - from, events: shifted };
  });
}

function checkEvent(event: SeriesEvent & { where: string }, rows: number): void {
  const { where, onset, duration } = event;
  if (duration <= 0) throw new UserMistake(`${where}: duration is ${duration}; it must be above 0, in rows.`);
  if (lastRowUntil(onset) < 0 || firstRowFrom(onset + duration) > rows)
    throw new UserMistake(
      `${where}: the event lasts from row ${onset} to ${onset + duration}, and the series has ${rows} rows (onset and duration are in rows).`,
    );
}

/**
 * Events of one run from galvani's own tables: `design/<run>.parquet` (prompt, condition, task) and
 * `extract/<run>/tokens.parquet` (prompt, position, log_probability, entropy), a row of the series for each token.
 */
export function runOfDesign(design: UserTable, tokens: UserTable, rows: number, name: string): SeriesRun {
  requireColumns(design, ['prompt', 'condition', 'task'], 'events of galvani');
  requireColumns(tokens, ['prompt', 'position'], 'tokens of galvani');
  if (tokens.rows.length !== rows)
    throw new UserMistake(`${tokens.path} has ${tokens.rows.length} tokens, and the series ${rows} rows.`);
  const lines = new Map(design.rows.map((line) => [numberCell(line, 'prompt'), line]));
  const events: SeriesEvent[] = [];
  for (const [row, token] of tokens.rows.entries()) {
    const prompt = numberCell(token, 'prompt');
    const last = events.at(-1);
    if (last?.prompt === String(prompt)) {
      last.duration++;
      continue;
    }
    const line = lines.get(prompt);
    if (line === undefined) throw new UserMistake(`${token.where}: ${design.path} has no prompt ${prompt}.`);
    const trialType = textCell(line, 'condition') === 'rest' ? 'rest' : textCell(line, 'task');
    events.push({ onset: row, duration: 1, trialType, prompt: String(prompt) });
  }
  const names = modulatorsOfTokens(tokens.names);
  const values = Object.fromEntries(
    names.map((each) => [each, Float64Array.from(tokens.rows, (row) => numberCell(row, each))]),
  );
  return { name, rows, events, values };
}

/**
 * Rows without an event are baseline too, so that a misspelt rest would leave a model that can be fitted, with the condition that
 * was meant as a task. The default is not asked for, so it may be missing, but not in another spelling.
 *
 * @throws UserMistake with the line of the config
 */
export function requireRestInEvents(
  runs: readonly SeriesRun[],
  rest: readonly string[],
  locate: (...field: (string | number)[]) => string = () => 'config: rest',
): void {
  const types = [...new Set(runs.flatMap(({ events }) => events.map(({ trialType }) => trialType)))];
  const fold = (name: string) => name.trim().toLowerCase();
  const unknown = rest.findIndex(
    (name) => !types.includes(name) && (name !== 'rest' || types.some((type) => fold(type) === name)),
  );
  if (unknown < 0) return;
  const near = didYouMean(rest[unknown], types);
  throw new UserMistake(
    `${locate('rest', unknown)}: no event has the trial_type '${rest[unknown]}', which is to be baseline.${near} There are: ${types.join(', ')}. Where rows without an event are all of the baseline, write rest: [].`,
  );
}

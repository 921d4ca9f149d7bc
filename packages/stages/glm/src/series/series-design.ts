import { firstRowFrom, type NamedColumns, type PromptLayout, promptLayout } from '@galvani/statistics';
import { UserMistake } from '@galvani/terminal';
import { type DesignRows, type GlmDesign, glmDesign } from '../design/glm-design.js';
import type { SeriesConfig } from './series-config.js';
import { eventValue, type SeriesEvent, type SeriesRun } from './series-events.js';
import { timedDesign } from './timed-design.js';

/** The design of a series over all its runs. */
export interface SeriesDesign {
  model: GlmDesign;
  layout: PromptLayout;
  /** Whether rows are known to belong to prompts, contexts that start afresh; else each run is one unbroken series. */
  inPrompts: boolean;
  conditions: string[];
  /** Of each row; null is baseline. */
  condition: readonly (string | null)[];
}

/**
 * The design of some runs. Rows of one prompt are a context that starts afresh; a stretch without an event is a prompt of
 * its own. Where events name no prompts, each event counts as one for the noise model `prompt`, and every other noise model
 * takes a run as one unbroken series.
 *
 * @param confounds a value for each row of all runs
 * @param sources where a person finds the names, for messages
 * @throws UserMistake for events that overlap, or a config that does not fit them
 */
export function seriesDesign(
  runs: readonly SeriesRun[],
  config: SeriesConfig,
  confounds?: NamedColumns,
  sources?: DesignRows['sources'],
): SeriesDesign {
  const named = runs.some(({ events }) => events.some(({ prompt }) => prompt !== undefined));
  const inPrompts = named || config.noise === 'prompt';
  const kind = config.regressor?.kind ?? 'boxcar';
  const continuous = kind === 'glover' || kind === 'spm' || (kind === 'fir' && !inPrompts);
  if (named && (kind === 'glover' || kind === 'spm'))
    throw new UserMistake(
      `regressor: ${kind} runs on from prompt to prompt, but prompts start afresh. Leave the column prompt out of the events, or choose boxcar, fir or exponential.`,
    );
  const conditions = [...new Set(runs.flatMap(({ events }) => events.map(({ trialType }) => trialType)))].filter(
    (name) => !config.rest.includes(name),
  );
  if (conditions.length === 0)
    throw new UserMistake(
      `Every event is baseline (trial types ${config.rest.join(', ')}): there is nothing to compare. Set rest in the config.`,
    );
  const cover = runs.map((run) => coverRows(run, continuous));
  const rows = cover.flatMap((own, r) => own.map((event) => ({ r, event })));
  const layout = promptLayout(
    rows.map(({ r }) => r),
    inPrompts ? cover.flatMap((own) => promptsOfRows(own)) : rows.map(() => 0),
  );
  const designRows: DesignRows = {
    layout,
    condition: rows.map(({ event }) => (event && !config.rest.includes(event.trialType) ? event.trialType : null)),
    tasks: conditions,
    runName: (r) => `run ${runs[r].name}`,
    values: valuesOfRows(runs, cover),
    ...(confounds && { confounds }),
    ...(sources && { sources }),
  };
  const { regressor, modulators, drift } = config;
  const model =
    regressor?.kind === 'glover' || regressor?.kind === 'spm' || (continuous && regressor)
      ? glmDesign(designRows, { drift }, timedDesign(runs, conditions, regressor, modulators ?? []))
      : glmDesign(designRows, { regressor, modulators, drift });
  return { model, layout, inPrompts, conditions, condition: designRows.condition };
}

/** The event of each row of a run. @throws UserMistake where two events cover one row, or an event none */
function coverRows({ name, rows, events }: SeriesRun, continuous: boolean): (SeriesEvent | undefined)[] {
  const cover = Array.from({ length: rows }, (): SeriesEvent | undefined => undefined);
  for (const event of events) {
    const { trialType, onset, duration } = event;
    const from = Math.max(0, firstRowFrom(onset));
    const until = Math.min(rows, firstRowFrom(onset + duration));
    if (!(from < until) && !continuous)
      throw new UserMistake(
        `Run ${name}: event ${trialType} (onset ${onset}, duration ${duration}) lies between two rows, so no row is its own. Onset and duration are in rows: divide seconds by the time between rows.`,
      );
    for (let row = from; row < until; row++) {
      const before = cover[row];
      if (before !== undefined && !continuous)
        throw new UserMistake(
          `Run ${name}: events ${before.trialType} (onset ${before.onset}) and ${trialType} (onset ${onset}) overlap at row ${row}. Shorten one, or choose regressor glover or spm.`,
        );
      cover[row] = event;
    }
  }
  return cover;
}

/** Numbers the prompts of a run: a new one wherever the event's prompt, or the event itself where it names none, changes. */
function promptsOfRows(cover: readonly (SeriesEvent | undefined)[]): number[] {
  let prompt = 0;
  const same = (a: SeriesEvent | undefined, b: SeriesEvent | undefined) =>
    a === b || (a?.prompt !== undefined && a.prompt === b?.prompt);
  return cover.map((event, row) => {
    if (row > 0 && !same(cover[row - 1], event)) prompt++;
    return prompt;
  });
}

/** What modulators may take: numbers of rows, and of the events that cover them (NaN where none does). */
function valuesOfRows(
  runs: readonly SeriesRun[],
  cover: readonly (SeriesEvent | undefined)[][],
): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const name of Object.keys(runs[0].values ?? {}))
    found.set(
      name,
      runs.flatMap(({ values, rows }) =>
        Array.from(values && Object.hasOwn(values, name) ? values[name] : new Float64Array(rows).fill(Number.NaN)),
      ),
    );
  for (const name of Object.keys(runs[0].events[0]?.values ?? {}))
    found.set(
      name,
      cover.flatMap((own) => own.map((event) => (event && eventValue(event, name)) ?? Number.NaN)),
    );
  return found;
}

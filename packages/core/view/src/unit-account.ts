import type { Recording } from '@galvani/results';
import type { StudyFolder } from '@galvani/study';
import { Failure, UserMistake } from '@galvani/terminal';
import { mapColumn } from './map-column.js';
import { type OpenStudy, openStudy } from './open-study.js';
import { mapOf } from './stage-maps.js';
import { studyView } from './study-view.js';
import { recordedRuns, unitSeries } from './unit-series.js';

/** What a study knows of one unit. Values are activations as they were recorded, in the model's own units; effects are in these too. */
export interface UnitAccount {
  site: string;
  kind: string;
  layer: string;
  unit: number;
  /** What values are of: tokens, or means over prompts' tokens. */
  of: 'tokens' | 'prompts';
  values: { count: number; mean: number; sd: number; percentiles: { percent: number; value: number }[] };
  maps: UnitStatistics[];
  /** Prompts by the mean over their tokens, the highest and the lowest first. */
  prompts: { highest: UnitPrompt[]; lowest: UnitPrompt[] };
  /** Tokens by activity; empty where prompts' means were kept and nothing was replayed. */
  tokens: { highest: UnitToken[]; lowest: UnitToken[] };
}

export interface UnitStatistics {
  map: string;
  kind: string;
  /** NaN where the map has no such column. */
  effect: number;
  t: number;
  z: number;
  log10_p_familywise: number;
  log10_q_fdr: number;
  /** Whether the unit is a member of the map's network; false of maps that have none. */
  member: boolean;
}

export interface UnitPrompt {
  run: string;
  prompt_id: string;
  topic: string;
  condition: string;
  text: string;
  mean: number;
  /** What the model wrote, token by token, with the unit's activity at each; without it where that was not kept. */
  tokens: { token: string; value?: number }[];
}

export interface UnitToken {
  run: string;
  prompt_id: string;
  topic: string;
  /** Place among the prompt's tokens, from 0. */
  position: number;
  /** What was there before it: the prompt, and what was written. */
  before: string;
  token: string;
  value: number;
}

export interface UnitRequest {
  site: string;
  unit: number;
  /** How many prompts and tokens of each end. */
  count: number;
  /** Plays the runs again where activations at every token were not kept: a value for each row of all runs. */
  replay?(): Promise<Float32Array>;
}

/** Levels at which a unit's values are given, such as one might clamp it to. */
const levels = [0, 1, 5, 25, 50, 75, 95, 99, 100];

/**
 * A unit's values, statistics, and the prompts and tokens at which it is highest and lowest, over all recorded runs. Rows after the end of a
 * prompt's text count where they count for the study's statistics.
 *
 * @throws UserMistake for a site or unit that the study did not record
 */
export async function unitAccount(folder: StudyFolder, request: UnitRequest): Promise<UnitAccount> {
  const { site: name, unit, count, replay } = request;
  const open = await openStudy(folder);
  const { sites, keep, afterEnd, maps } = await studyView(open, '', false);
  const site = sites.find((each) => each.site === name);
  if (sites.length === 0) throw new Failure('no run of the study was recorded: run galvani extract.');
  if (!site)
    throw new UserMistake(
      `the study recorded no site ${name}; its sites are ${sites.map((each) => each.site).join(', ')}.`,
    );
  if (!(Number.isInteger(unit) && unit >= 0 && unit < site.width))
    throw new UserMistake(`${name} has units 0 to ${site.width - 1}, and not ${unit}.`);
  const byToken = keep === 'tokens' || replay !== undefined;
  const series = keep === 'tokens' || !replay ? await unitSeries(open, sites, name, unit) : await replay();
  const prompts: UnitPrompt[] = [];
  const tokens: UnitToken[] = [];
  const values: number[] = [];
  let first = 0;
  for (const recording of await recordedRuns(open)) {
    const rows = byToken ? recording.tokens.length : recording.events.length;
    const own = series.subarray(first, first + rows);
    first += rows;
    const found = (byToken ? atTokens : ofPrompts)(recording, own, afterEnd !== 'drop');
    prompts.push(...found.prompts);
    tokens.push(...found.tokens);
    for (const value of found.values) values.push(value);
  }
  return {
    ...{ site: name, kind: site.kind, layer: site.layer, unit },
    of: byToken ? 'tokens' : 'prompts',
    values: summary(values),
    maps: await statisticsOf(open, maps, site.start + unit),
    prompts: ends(prompts, ({ mean }) => mean, count),
    tokens: ends(tokens, ({ value }) => value, count),
  };
}

interface Found {
  prompts: UnitPrompt[];
  tokens: UnitToken[];
  values: ArrayLike<number> & Iterable<number>;
}

/** @param own a value for each row of the run */
function atTokens({ run, events, tokens, promptOfRow }: Recording, own: Float32Array, withRest: boolean): Found {
  const found: Found & { values: number[] } = { prompts: [], tokens: [], values: [] };
  const before = new Map<number, UnitPrompt>();
  for (const [row, { token, position, after_end }] of tokens.entries()) {
    if (after_end && !withRest) continue;
    const prompt = promptOfRow[row];
    const { prompt_id, topic, condition, text } = events[prompt];
    const shown = before.get(prompt) ?? { run: run.name, prompt_id, topic, condition, text, mean: 0, tokens: [] };
    if (!before.has(prompt)) found.prompts.push(shown);
    before.set(prompt, shown);
    const written = text + shown.tokens.map((each) => each.token).join('');
    found.tokens.push({ run: run.name, prompt_id, topic, position, before: written, token, value: own[row] });
    shown.tokens.push({ token, value: own[row] });
    found.values.push(own[row]);
  }
  for (const prompt of found.prompts)
    prompt.mean = prompt.tokens.reduce((sum, { value = 0 }) => sum + value, 0) / prompt.tokens.length;
  return found;
}

/** @param own a value for each prompt of the run */
function ofPrompts({ run, events, tokens, promptOfRow }: Recording, own: Float32Array): Found {
  const prompts = events.map(({ prompt_id, topic, condition, text }, prompt) => ({
    ...{ run: run.name, prompt_id, topic, condition, text, mean: own[prompt] },
    tokens: tokens.flatMap(({ token }, row) => (promptOfRow[row] === prompt ? [{ token }] : [])),
  }));
  return { prompts, tokens: [], values: own };
}

function ends<T>(all: readonly T[], value: (each: T) => number, count: number): { highest: T[]; lowest: T[] } {
  const sorted = all.filter((each) => Number.isFinite(value(each))).sort((a, b) => value(b) - value(a));
  return { highest: sorted.slice(0, count), lowest: sorted.slice(-count).reverse() };
}

/** Percentiles are interpolated between values (R's type 7). */
function summary(values: readonly number[]): UnitAccount['values'] {
  const sorted = Float64Array.from(values.filter(Number.isFinite)).sort();
  const mean = sorted.reduce((sum, x) => sum + x, 0) / sorted.length;
  const sd = Math.sqrt(sorted.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (sorted.length - 1));
  const at = (percent: number) => {
    const place = ((sorted.length - 1) * percent) / 100;
    const [below, share] = [Math.floor(place), place % 1];
    return share === 0 ? sorted[below] : sorted[below] * (1 - share) + sorted[below + 1] * share;
  };
  const percentiles = sorted.length === 0 ? [] : levels.map((percent) => ({ percent, value: at(percent) }));
  return { count: sorted.length, mean, sd, percentiles };
}

async function statisticsOf(
  open: OpenStudy,
  maps: Awaited<ReturnType<typeof studyView>>['maps'],
  at: number,
): Promise<UnitStatistics[]> {
  const found: UnitStatistics[] = [];
  for (const { name, kind, columns } of maps) {
    const map = await mapOf(open, name);
    const value = (column: string) => (columns.includes(column) ? mapColumn(open, map, column)[at] : Number.NaN);
    found.push({
      ...{ map: name, kind, effect: value('effect'), t: value('t'), z: value('z') },
      log10_p_familywise: value('log10_p_familywise'),
      log10_q_fdr: value('log10_q_fdr'),
      member: Math.abs(value('member')) > 0,
    });
  }
  return found;
}

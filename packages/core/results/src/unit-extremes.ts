import type { Recording } from './recording.js';

export interface UnitPrompt {
  run: string;
  prompt_id: string;
  topic: string;
  condition: string;
  text: string;
  /** What the model was given: the text, and what stood around it. */
  given: string;
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
  /** What was there before it: what the model was given, and what was written. */
  before: string;
  token: string;
  value: number;
}

/** What a unit does over some recordings. Values are activations as they were recorded, in the model's own units. */
export interface UnitExtremes {
  values: { count: number; mean: number; sd: number; percentiles: { percent: number; value: number }[] };
  /** Prompts by the mean over their tokens, the highest and the lowest first. */
  prompts: { highest: UnitPrompt[]; lowest: UnitPrompt[] };
  /** Tokens by activity; none where there is a value for each prompt alone. */
  tokens: { highest: UnitToken[]; lowest: UnitToken[] };
}

export interface ExtremesOptions {
  /** Whether there is a value for each token, and not for each prompt. */
  byToken: boolean;
  /** Whether tokens after the end of a prompt's text count. */
  afterEnd: boolean;
  /** How many prompts and tokens of each end. */
  count: number;
}

/** Levels at which a unit's values are given, such as one might clamp it to. */
const levels = [0, 1, 5, 25, 50, 75, 95, 99, 100];

/**
 * A unit's values, and the prompts and tokens at which it is highest and lowest.
 *
 * @param series of all recordings, one after another: a value for each of their tokens, or of their prompts
 */
export function unitExtremes(
  recordings: readonly Recording[],
  series: Float32Array,
  { byToken, afterEnd, count }: ExtremesOptions,
): UnitExtremes {
  const prompts: UnitPrompt[] = [];
  const tokens: UnitToken[] = [];
  const values: number[] = [];
  let first = 0;
  for (const recording of recordings) {
    const rows = byToken ? recording.tokens.length : recording.events.length;
    const own = series.subarray(first, first + rows);
    first += rows;
    const found = (byToken ? atTokens : ofPrompts)(recording, own, afterEnd);
    prompts.push(...found.prompts);
    tokens.push(...found.tokens);
    for (const value of found.values) values.push(value);
  }
  return {
    values: summary(values),
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
function atTokens(recording: Recording, own: Float32Array, withRest: boolean): Found {
  const { run, events, tokens, promptOfRow } = recording;
  const found: Found & { values: number[] } = { prompts: [], tokens: [], values: [] };
  const before = new Map<number, UnitPrompt>();
  for (const [row, { token, position, after_end }] of tokens.entries()) {
    if (after_end && !withRest) continue;
    const prompt = promptOfRow[row];
    const { prompt_id, topic, condition, text } = events[prompt];
    const given = within(recording, text);
    const shown = before.get(prompt) ?? {
      run: run.name,
      prompt_id,
      topic,
      condition,
      text,
      given,
      mean: 0,
      tokens: [],
    };
    if (!before.has(prompt)) found.prompts.push(shown);
    before.set(prompt, shown);
    const written = given + shown.tokens.map((each) => each.token).join('');
    found.tokens.push({ run: run.name, prompt_id, topic, position, before: written, token, value: own[row] });
    shown.tokens.push({ token, value: own[row] });
    found.values.push(own[row]);
  }
  for (const prompt of found.prompts)
    prompt.mean = prompt.tokens.reduce((sum, { value = 0 }) => sum + value, 0) / prompt.tokens.length;
  return found;
}

/** @param own a value for each prompt of the run */
function ofPrompts(recording: Recording, own: Float32Array): Found {
  const { run, events, tokens, promptOfRow } = recording;
  const prompts = events.map(({ prompt_id, topic, condition, text }, prompt) => ({
    ...{ run: run.name, prompt_id, topic, condition, text, given: within(recording, text), mean: own[prompt] },
    tokens: tokens.flatMap(({ token }, row) => (promptOfRow[row] === prompt ? [{ token }] : [])),
  }));
  return { prompts, tokens: [], values: own };
}

/** A prompt's text within what stood around it. */
const within = ({ template = '{prompt}' }: Recording, text: string) => template.replace('{prompt}', () => text);

function ends<T>(all: readonly T[], value: (each: T) => number, count: number): { highest: T[]; lowest: T[] } {
  const sorted = all.filter((each) => Number.isFinite(value(each))).sort((a, b) => value(b) - value(a));
  return { highest: sorted.slice(0, count), lowest: sorted.slice(-count).reverse() };
}

/** Percentiles are interpolated between values (R's type 7). */
function summary(values: readonly number[]): UnitExtremes['values'] {
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

import type { Event, Token } from '@galvani/artifact';
import { tsvText } from './tsv.js';

/** Seconds from one volume to the next. A token has no duration: a second each makes seconds and volumes the same numbers. */
export const repetitionTime = 1;

const columns = [
  ...['onset', 'duration', 'trial_type', 'block', 'prompt', 'prompt_id', 'topic', 'form', 'after_end', 'text'],
];

/**
 * A run's events.tsv: a row for each prompt.
 * @param tokens of all rows that were recorded, in their order
 */
export function eventsText(events: readonly Event[], tokens: readonly Token[]): string {
  const first = new Map<number, number>();
  const count = new Map<number, number>();
  const ended = new Map<number, number>();
  for (const [row, { prompt, after_end }] of tokens.entries()) {
    if (!first.has(prompt)) first.set(prompt, row);
    count.set(prompt, (count.get(prompt) ?? 0) + 1);
    if (after_end) ended.set(prompt, (ended.get(prompt) ?? 0) + 1);
  }
  const rows = events.map((event) => [
    (first.get(event.prompt) ?? Number.NaN) * repetitionTime,
    (count.get(event.prompt) ?? 0) * repetitionTime,
    event.condition === 'task' ? event.task : event.condition,
    event.block,
    event.prompt,
    event.prompt_id,
    event.topic,
    event.form,
    ended.get(event.prompt) ?? 0,
    event.text,
  ]);
  return tsvText(columns, rows);
}

/**
 * What the columns mean, and nothing else: validators take each key for a column.
 * @param counted whether tokens after the end of a text count for the statistics
 */
export const eventsSidecar = (task: string, counted: boolean) => ({
  onset: {
    Description: `First volume of the prompt. A volume is one recorded token, from 0; with RepetitionTime ${repetitionTime}, volumes and seconds are the same numbers. Contexts are independent: each prompt starts afresh.`,
    Units: 's',
  },
  duration: { Description: 'Volumes (recorded tokens) of the prompt.', Units: 's' },
  trial_type: {
    Description:
      "What the prompt is of: the run's task (on), or rest (off: prompts of other topics; in a study without rest, of its other tasks: see topic).",
    Levels: { [task]: 'a prompt of the task', rest: 'a prompt of another topic' },
  },
  block: { Description: 'Block of the run, from 0: off, on, off, …' },
  prompt: { Description: 'Place of the prompt in the run, from 0.' },
  prompt_id: { Description: 'The prompt in the prompt bank.' },
  topic: { Description: 'Topic of the prompt.' },
  form: { Description: 'Form of the prompt.' },
  after_end: {
    Description: `The last volumes of the prompt that come after the end of its text. ${counted ? 'They count for the statistics.' : 'They do not count for the statistics.'}`,
  },
  text: { Description: 'The prompt. Backslash, tab and line breaks are written \\\\, \\t, \\n and \\r.' },
});

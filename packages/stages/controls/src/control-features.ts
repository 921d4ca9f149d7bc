import type { RunActivity } from '@galvani/identification';
import type { Recording } from '@galvani/results';
import { startProgress } from '@galvani/terminal';
import type { PresentedPrompts } from './presented-prompts.js';
import type { Activity } from './prompt-cells.js';
import type { Features } from './reference-answers.js';
import { counted, wordingFeatures } from './wording-features.js';

/** Something that decoders see of prompts. */
export interface NamedFeatures extends Features {
  name: string;
  source: 'activity' | 'twin' | 'wording';
}

/** Activity of all prompts, run after run. The runs' own means lie in it from here on: of a large model two copies are a gigabyte. */
export function wholeActivity(runs: readonly RunActivity[]): Activity {
  const units = runs[0].means.length / runs[0].isTask.length;
  const values = new Float32Array(runs.reduce((sum, { means }) => sum + means.length, 0));
  let at = 0;
  for (const run of runs) {
    const { length } = run.means;
    values.set(run.means, at);
    run.means = values.subarray(at, at + length);
    at += length;
  }
  return { values, units };
}

/**
 * Activity of all prompts of recordings, read into one place.
 *
 * @param label what the progress is called
 */
export async function recordedActivity(
  recordings: readonly Recording[],
  label: string,
  signal: AbortSignal,
): Promise<Activity> {
  const prompts = recordings.reduce((sum, { events }) => sum + events.length, 0);
  const [{ layers, columns }] = recordings;
  const widths = await Promise.all(
    layers.map(async (layer) => (await columns(layer)).reduce((sum, { width }) => sum + width, 0)),
  );
  const units = widths.reduce((sum, width) => sum + width, 0);
  const values = new Float32Array(prompts * units);
  const progress = startProgress(label, recordings.length, 'runs');
  let row = 0;
  for (const recording of recordings) {
    signal.throwIfAborted();
    let first = 0;
    for (const [l, layer] of layers.entries()) {
      const { means } = await recording.promptMeans(layer);
      for (let p = 0; p < recording.events.length; p++)
        values.set(means.subarray(p * widths[l], (p + 1) * widths[l]), (row + p) * units + first);
      first += widths[l];
    }
    row += recording.events.length;
    progress.advance();
  }
  progress.finish();
  return { values, units };
}

/** What the prompts are before the model does anything with them, and the tokens that it answered with. */
export function textFeatures(
  prompts: PresentedPrompts,
  tokens: readonly Int32Array[],
  embeddings: { values: Float32Array; width: number } | undefined,
  answers: readonly (readonly number[])[] | undefined,
): NamedFeatures[] {
  const features = wordingFeatures(prompts, tokens, embeddings).map(
    (own): NamedFeatures => ({ ...own, source: 'wording' }),
  );
  if (!answers) return features;
  const generated = counted(
    'generated tokens',
    answers.map((own) => own.map(String)),
  );
  return [...features, { ...generated, source: 'activity' }];
}

/** Tokens that the model generated after each prompt of a run. */
export const generatedTokens = ({ events, tokens }: Recording): number[][] =>
  events.map((_, p) => tokens.filter(({ prompt }) => prompt === p).map(({ token_id }) => token_id));

import type { PresentedPrompts } from './presented-prompts.js';

/** What is known of every prompt without the model's activity. */
export interface WordingFeatures {
  name: string;
  /** [prompts x width] */
  values: Float64Array;
  width: number;
  /** Counts of things in a text, to be weighed by how rare they are; or measures, to be standardised. */
  kind: 'counts' | 'measures';
}

/** @param tokens of each prompt; `embeddings` [prompts x width] where the model has a table of them */
export function wordingFeatures(
  prompts: PresentedPrompts,
  tokens: readonly Int32Array[],
  embeddings?: { values: Float32Array; width: number },
): WordingFeatures[] {
  const texts = prompts.events.map(({ text }) => text);
  const features: WordingFeatures[] = [
    counted(
      'tokens',
      tokens.map((own) => Array.from(own, String)),
    ),
    counted('character n-grams', texts.map(characterGrams)),
    lengthAndPosition(prompts, tokens),
  ];
  if (embeddings)
    features.push({
      name: 'input embedding',
      kind: 'measures',
      values: Float64Array.from(embeddings.values),
      width: embeddings.width,
    });
  return features;
}

/** How often each thing is in each text. */
export function counted(name: string, things: readonly (readonly string[])[]): WordingFeatures {
  const known = [...new Set(things.flat())].sort();
  const place = new Map(known.map((thing, at) => [thing, at]));
  const width = known.length;
  const values = new Float64Array(things.length * width);
  for (const [row, own] of things.entries()) for (const thing of own) values[row * width + place.get(thing)!]++;
  return { name, kind: 'counts', values, width };
}

/** Runs of two to four characters within words, which are bounded by spaces. */
function characterGrams(text: string): string[] {
  return (text.toLowerCase().match(/\S+/gu) ?? []).flatMap((word) => {
    const letters = [...` ${word} `];
    return [2, 3, 4].flatMap((n) =>
      Array.from({ length: Math.max(0, letters.length - n + 1) }, (_, i) => letters.slice(i, i + n).join('')),
    );
  });
}

/** Tokens, words and characters, and the place in the run. */
function lengthAndPosition({ run, events }: PresentedPrompts, tokens: readonly Int32Array[]): WordingFeatures {
  const first = new Map<number, number>();
  const values = events.flatMap(({ text }, row) => {
    if (!first.has(run[row])) first.set(run[row], row);
    return [tokens[row].length, text.split(/\s+/u).length, text.length, row - first.get(run[row])!];
  });
  return { name: 'length and position', kind: 'measures', values: Float64Array.from(values), width: 4 };
}

/**
 * Counts in which rare things weigh more (term frequency and inverse document frequency, from training prompts alone), each prompt of
 * length 1. Salton and Buckley, Information Processing and Management 24 (1988), 513-523; smoothed as scikit-learn's TfidfTransformer.
 */
export function weighedCounts(values: Float64Array, width: number, training: Int32Array): Float64Array {
  const holding = new Float64Array(width);
  for (const row of training) for (let k = 0; k < width; k++) if (values[row * width + k] > 0) holding[k]++;
  const weight = holding.map((own) => 1 + Math.log((1 + training.length) / (1 + own)));
  const out = values.map((own, at) => own * weight[at % width]);
  for (let from = 0; from < out.length; from += width) {
    const row = out.subarray(from, from + width);
    const length = Math.sqrt(row.reduce((sum, own) => sum + own * own, 0)) || 1;
    for (let k = 0; k < width; k++) row[k] /= length;
  }
  return out;
}

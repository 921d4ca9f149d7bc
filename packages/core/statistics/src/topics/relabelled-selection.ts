import type { RandomStream } from '@galvani/numerics';
import { sizeOfDeviate } from '../task-effect/effect-model.js';
import type { PromptContrastStatistics, PromptSelection } from './prompt-contrast.js';

/** Labels of a selection's prompts exchanged within its runs. */
export function shuffledLabels(
  { runs, isOn }: Pick<PromptSelection, 'runs' | 'isOn'>,
  stream: RandomStream,
): Uint8Array {
  const out = new Uint8Array(isOn.length);
  for (const run of new Set(runs)) {
    const rows = [...runs.keys()].filter((i) => runs[i] === run);
    for (const [i, from] of stream.shuffled(rows).entries()) out[rows[i]] = isOn[from];
  }
  return out;
}

/** The largest size of a normal deviate over units, or `from` where that is larger. */
export function largestDeviate({ t, df }: Pick<PromptContrastStatistics, 't' | 'df'>, from: number): number {
  let largest = from;
  for (let u = 0; u < t.length; u++)
    // No deviate is beyond its t.
    if (Math.abs(t[u]) > largest) largest = Math.max(largest, sizeOfDeviate(t[u], df[u]));
  return largest;
}

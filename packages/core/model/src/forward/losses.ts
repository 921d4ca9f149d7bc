import type { Site } from '../site.js';
import { type Interventions, rowInterventions, type UnitChange } from './interventions.js';
import { checkReading } from './request.js';

export interface LossRequest {
  /** Token ids of each text. */
  texts: readonly Int32Array[];
  /** What is changed while a text is read; each list is read with every text. An empty one is the untouched model. */
  changes: readonly (readonly UnitChange[])[];
  /** Told how many tokens were read. */
  onTokens?(count: number): void;
  signal?: AbortSignal;
}

/** A model that reads copies of a text side by side. */
export interface CopyReader {
  /** The sites that can be intervened on. */
  intervened: readonly Site[];
  vocabularySize: number;
  contextLength: number;
  /** Copies that fit in one run. Default: any number. */
  mostCopies?: number;
  /**
   * Log probabilities of a text's tokens from the second on, in nats, in each of some copies, [copies x (tokens - 1)]; copy k is under the
   * interventions of row `first` + k.
   */
  read(text: Int32Array, copies: number, interventions: Interventions, first: number): Promise<Float32Array>;
}

/** Tokens of one run, where a text is not longer by itself, and the most copies of a text whose masks are in memory together, a power of two. */
const tokensAtOnce = 1024;
const copiesAtOnce = 64;

/**
 * How badly the subject predicts texts while units are changed: the mean over a text's tokens, from the second on, of their negative
 * log probabilities, in nats. Copies of one text, each under changes of its own, share a pass over the weights; a run has at most twice as many
 * copies as there are lists of changes. Every run of a text has the same number of copies (the last ones are of the untouched model), so that
 * what a list gives does not depend, bit for bit, on its place and on the other lists: within a call, and between calls of as many lists up
 * to the next power of two; all calls of more than 32 are alike. Between other calls products may be rounded otherwise.
 *
 * @returns [changes] of [texts]; NaN for a text of one token
 */
export async function lossesUnder(
  reader: CopyReader,
  { texts, changes, onTokens, signal }: LossRequest,
): Promise<Float64Array[]> {
  checkReading([...texts], reader.vocabularySize, reader.contextLength);
  const losses = changes.map(() => new Float64Array(texts.length).fill(Number.NaN));
  const held = Math.min(copiesAtOnce, 2 ** Math.ceil(Math.log2(Math.max(1, changes.length))));
  for (let first = 0; first < changes.length; first += held) {
    const own = changes.slice(first, first + held);
    const filled = [...own, ...Array<readonly UnitChange[]>(held - own.length).fill([])];
    const interventions = rowInterventions(reader.intervened, filled);
    for (const [t, text] of texts.entries()) {
      if (text.length < 2) continue;
      // A power of two, so that every run of a text has as many.
      const most = Math.min(held, reader.mostCopies ?? held, Math.max(1, tokensAtOnce / text.length));
      const rows = 2 ** Math.floor(Math.log2(most));
      for (let from = 0; from < own.length; from += rows) {
        signal?.throwIfAborted();
        const found = await reader.read(text, rows, interventions, from);
        for (let copy = 0; copy < Math.min(rows, own.length - from); copy++) {
          let sum = 0;
          for (let k = copy * (text.length - 1); k < (copy + 1) * (text.length - 1); k++) sum -= found[k];
          losses[first + from + copy][t] = sum / (text.length - 1);
        }
      }
      onTokens?.(own.length * text.length);
    }
  }
  return losses;
}

import type { Site } from '../site.js';
import { type Interventions, rowInterventions, type UnitChange } from './interventions.js';
import { checkReading } from './request.js';

export interface LossRequest {
  /** Token ids of each text. */
  texts: readonly Int32Array[];
  /** Of each text the first token that is predicted, 1 or more: what is before it is context. Default: 1, all that can be. */
  scoredFrom?: ArrayLike<number>;
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

/** Tokens of one run, where a text is not longer by itself, and the most copies of a text whose masks are in memory together. */
const tokensAtOnce = 1024;
const mostCopies = 64;

/** The parts of a number that are as equal as can be and no larger than `most`: the size of the largest. */
const evenPart = (count: number, most: number) => Math.ceil(count / Math.ceil(count / Math.max(1, Math.floor(most))));

/**
 * How badly the subject predicts texts while units are changed: the mean over a text's tokens, from the second on, of their negative
 * log probabilities, in nats. Copies of one text, each under changes of its own, share a pass over the weights. All batches of a call have
 * as many copies of a text (the last ones are of the untouched model), so that what a list of changes gives does not depend on its place among
 * them, bit for bit. Calls with another number of lists may differ in last bits, as products of other sizes do.
 *
 * @returns [changes] of [texts]; NaN for a text of which no token is predicted
 */
export async function lossesUnder(
  reader: CopyReader,
  { texts, scoredFrom, changes, onTokens, signal }: LossRequest,
): Promise<Float64Array[]> {
  checkReading([...texts], reader.vocabularySize, reader.contextLength);
  const losses = changes.map(() => new Float64Array(texts.length).fill(Number.NaN));
  const copiesAtOnce = evenPart(changes.length, mostCopies);
  for (let first = 0; first < changes.length; first += copiesAtOnce) {
    const own = changes.slice(first, first + copiesAtOnce);
    // The last run of a text may reach beyond them.
    const filled = [...own, ...Array<readonly UnitChange[]>(2 * copiesAtOnce - own.length).fill([])];
    const interventions = rowInterventions(reader.intervened, filled);
    for (const [t, text] of texts.entries()) {
      const scored = Math.max(1, scoredFrom?.[t] ?? 1);
      if (text.length <= scored) continue;
      const rows = evenPart(copiesAtOnce, Math.min(reader.mostCopies ?? copiesAtOnce, tokensAtOnce / text.length));
      for (let from = 0; from < own.length; from += rows) {
        signal?.throwIfAborted();
        const found = await reader.read(text, rows, interventions, from);
        for (let copy = 0; copy < Math.min(rows, own.length - from); copy++) {
          let sum = 0;
          for (let token = scored; token < text.length; token++) sum -= found[copy * (text.length - 1) + token - 1];
          losses[first + from + copy][t] = sum / (text.length - scored);
        }
      }
      onTokens?.(own.length * text.length);
    }
  }
  return losses;
}

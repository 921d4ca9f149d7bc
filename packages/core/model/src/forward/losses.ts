import { runInPlace, Tensor } from '@galvani/onnx';
import { cacheTensors, createCache, type KeyValueCache } from '../session/key-value-cache.js';
import { tokenFeeds } from '../session/runner.js';
import type { Generator } from './generate.js';
import { interventionFeeds, rowInterventions, type UnitChange } from './interventions.js';
import { paddedRun } from './prefill.js';
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

/** A session over a graph that gives the log probabilities of given tokens alone. */
export type LossGenerator = Pick<Generator, 'session' | 'intervened' | 'caches' | 'vocabularySize' | 'contextLength'>;

/** Tokens of one run, where a text is not longer by itself, and the copies of a text whose masks are in memory together, a power of two. */
const tokensAtOnce = 1024;
const copiesAtOnce = 64;

/**
 * How badly the subject predicts texts while units are changed: the mean over a text's tokens, from the second on, of their negative
 * log probabilities, in nats. Copies of one text, each under changes of its own, share a pass over the weights. A batch has the same number of copies
 * throughout (the last ones are of the untouched model), so that what a list of changes gives does not depend on its place, bit for bit.
 *
 * @returns [changes] of [texts]; NaN for a text of one token
 */
export async function lossesUnder(
  generator: LossGenerator,
  { texts, changes, onTokens, signal }: LossRequest,
): Promise<Float64Array[]> {
  checkReading([...texts], generator.vocabularySize, generator.contextLength);
  const losses = changes.map(() => new Float64Array(texts.length).fill(Number.NaN));
  let cache: KeyValueCache = createCache(generator.caches, 1, 1);
  const longest = Math.max(...texts.map(({ length }) => length));
  for (let first = 0; first < changes.length; first += copiesAtOnce) {
    const own = changes.slice(first, first + copiesAtOnce);
    const filled = [...own, ...Array<readonly UnitChange[]>(copiesAtOnce - own.length).fill([])];
    const interventions = rowInterventions(generator.intervened, filled);
    for (const [t, text] of texts.entries()) {
      if (text.length < 2) continue;
      // A power of two, so that every run of a text has as many.
      const most = Math.min(copiesAtOnce, Math.max(1, tokensAtOnce / text.length));
      const rows = 2 ** Math.floor(Math.log2(most));
      if (cache.rows < rows || cache.capacity < text.length) cache = createCache(generator.caches, rows, longest);
      for (let from = 0; from < own.length; from += rows) {
        signal?.throwIfAborted();
        const feeds = interventionFeeds(generator.intervened, interventions, from, rows);
        const found = await targetsOf(generator, text, rows, cache, feeds);
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

/** Log probabilities of a text's tokens from the second on, in each of some copies, [copies x (tokens - 1)]. */
async function targetsOf(
  { session }: LossGenerator,
  text: Int32Array,
  copies: number,
  cache: KeyValueCache,
  changes: ReturnType<typeof interventionFeeds>,
): Promise<Float32Array> {
  const length = text.length;
  const tokens = paddedRun(Array<Int32Array>(copies).fill(text), { firstRow: 0, rows: copies, from: 0, to: length });
  const asked = copies * (length - 1);
  tokens.headRows = BigInt64Array.from({ length: asked }, (_, k) =>
    BigInt(Math.floor(k / (length - 1)) * length + (k % (length - 1))),
  );
  const targets = BigInt64Array.from({ length: asked }, (_, k) => BigInt(text[1 + (k % (length - 1))]));
  const { past, present } = cacheTensors(cache, 0, copies);
  const out = new Float32Array(asked);
  await runInPlace(
    session,
    { ...tokenFeeds(tokens), ...past, ...changes, targets: new Tensor('int64', targets, [asked, 1]) },
    { ...present, target_log_probabilities: new Tensor('float32', out, [asked, 1]) },
  );
  return out;
}

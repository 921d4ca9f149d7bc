import { runInPlace } from '@galvani/onnx';
import { Failure } from '@galvani/terminal';
import type { Activations } from '../activations.js';
import { cacheTensors, createCache } from '../session/key-value-cache.js';
import {
  type AllocateOutputs,
  activationsIn,
  createOutputBuffers,
  shrinkOutputBuffers,
} from '../session/output-buffers.js';
import { createReadout, readoutFetches, temperatureFeeds } from '../session/readout-buffers.js';
import { tokenFeeds } from '../session/runner.js';
import type { Site } from '../site.js';
import type { Generator } from './generate.js';
import { checkInterventions, type Interventions, interventionFeeds } from './interventions.js';
import { paddedRun } from './prefill.js';
import { planPrefill } from './prefill-plan.js';
import { checkReading } from './request.js';

export interface ReadingRequest {
  /** Token ids of each text; lengths may differ. */
  texts: Int32Array[];
  /** As a `GenerationRequest` has it; a row for each text. */
  interventions?: Interventions;
  /** Called for each text, or for each part of a long one, in order. */
  onPassage(passage: Passage): void | Promise<void>;
  /** As a `GenerationRequest` has it. */
  allocate?: AllocateOutputs;
  /**
   * Widths of the sites of another subject, in whose passages the texts are read: how many tokens are read at once depends on how
   * many units are recorded, and may move the last digits. Default: the subject's own sites.
   */
  passagesOf?: readonly Pick<Site, 'width' | 'kind'>[];
  signal?: AbortSignal;
}

/**
 * The activations while the model reads some neighbouring tokens of one text; row t is token t's own position. They are valid until the
 * promise that `onPassage` returned is resolved.
 */
export interface Passage extends Activations {
  /** Which text, from 0. */
  text: number;
  /** Position of the first token in its text. */
  from: number;
  /** The tokens that are read [n]. */
  tokens: Int32Array;
  /** Their log probabilities given what stands before them [n], in nats; NaN for a text's first token. */
  logProbabilities: Float32Array;
  /** Entropies, in nats, of the distributions over the token that follows each of them [n]. */
  entropies: Float32Array;
}

/** Bytes of outputs that one run may make. */
const outputBudget = 64 << 20;

/** Tokens that one run takes, by how many units each of them has, the head's included. */
function tokensAtOnce(sites: readonly Pick<Site, 'width' | 'kind'>[], headUnits: number): number {
  const units = sites.reduce((sum, { width, kind }) => sum + (kind === 'head' ? 0 : width), 0) + headUnits;
  return Math.max(16, Math.min(64, Math.floor(outputBudget / (4 * Math.max(1, units)))));
}

/** Reads given texts in one pass, without generating, and hands out the activations at every position. */
export async function read(generator: Generator, request: ReadingRequest): Promise<void> {
  const { session, sites, caches, vocabularySize, summed } = generator;
  if (summed) throw new RangeError('a subject that sums what it generates cannot read: load it without `summed`');
  const { texts, onPassage, signal } = request;
  checkReading(texts, vocabularySize, generator.contextLength);
  checkInterventions(generator.intervened, request.interventions, texts.length);
  const lengths = texts.map((t) => t.length);
  const runs = planPrefill(lengths, tokensAtOnce(request.passagesOf ?? sites, vocabularySize));
  const most = Math.max(...runs.map(({ rows, from, to }) => rows * (to - from)));
  const held = createOutputBuffers(sites, generator.half, most, most, request.allocate);
  const readout = createReadout(most, vocabularySize, { logProbabilities: true });
  let cache = createCache(caches, 1, 1);
  const widths = new Map(sites.map(({ name, width }) => [name, width]));
  let following = Number.NaN;
  for (const run of runs) {
    signal?.throwIfAborted();
    const { firstRow, rows, from, to } = run;
    const columns = to - from;
    const capacity = Math.max(...lengths.slice(firstRow, firstRow + rows));
    if (from === 0 && (cache.rows !== rows || cache.capacity < capacity)) cache = createCache(caches, rows, capacity);
    const tokens = paddedRun(texts, run);
    tokens.headRows = BigInt64Array.from({ length: rows * columns }, (_, i) => BigInt(i));
    const { past, present } = cacheTensors(cache);
    const outputs = shrinkOutputBuffers(held, sites, rows * columns, rows * columns);
    await runInPlace(
      session,
      {
        ...tokenFeeds(tokens),
        ...temperatureFeeds(),
        ...past,
        ...interventionFeeds(generator.intervened, request.interventions, firstRow, rows),
      },
      { ...present, ...outputs.fetches, ...readoutFetches(readout, vocabularySize, 0, rows * columns) },
    );
    for (let r = 0; r < rows; r++) {
      const text = texts[firstRow + r];
      const end = Math.min(to, text.length);
      const n = end - from;
      const first = r * columns;
      const logProbabilities = new Float32Array(n);
      if (from === 0) following = Number.NaN;
      for (let t = 0; t < n; t++) {
        logProbabilities[t] = following;
        if (from + t + 1 < text.length)
          following = readout.logProbabilities[(first + t) * vocabularySize + text[from + t + 1]];
      }
      const entropies = readout.entropies.slice(first, first + n);
      if (!entropies.every(Number.isFinite))
        throw new Failure(
          `the model's logits are not finite numbers while it reads text ${firstRow + r + 1}: its weights or a number in its config.json are wrong, or its activations overflow float32.`,
        );
      const activations = activationsIn(outputs, (numbers, name) => {
        const width = widths.get(name)!;
        return numbers.subarray(first * width, (first + n) * width);
      });
      await onPassage({
        text: firstRow + r,
        from,
        tokens: text.slice(from, end),
        logProbabilities,
        entropies,
        ...activations,
      });
    }
  }
}

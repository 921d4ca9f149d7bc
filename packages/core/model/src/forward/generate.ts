import { type InferenceSession, runInPlace } from '@galvani/onnx';
import type { CachePart } from '../graph/block-cache.js';
import { cacheTensors, createCache, type KeyValueCache } from '../session/key-value-cache.js';
import {
  type AllocateOutputs,
  activationsIn,
  createOutputBuffers,
  type OutputBuffers,
} from '../session/output-buffers.js';
import {
  createReadout,
  type Readout,
  type ReadoutDetail,
  readoutFetches,
  temperatureFeeds,
} from '../session/readout-buffers.js';
import { tokenFeeds } from '../session/runner.js';
import { createSiteSums, type SiteSums } from '../session/site-sums.js';
import type { Site } from '../site.js';
import { createTokenChooser, distributionsFor } from './choose.js';
import { checkInterventions, interventionFeeds } from './interventions.js';
import { prefill } from './prefill.js';
import { startSums } from './prompt-sums.js';
import { checkRequest, type Generation, type GenerationRequest, type RecordedStep } from './request.js';
import { textEnds, upToEnds } from './text-ends.js';

/** A session over one of our graphs, and the memory that its generations share. */
export interface Generator {
  session: InferenceSession;
  /** The sites that are outputs of the graph. */
  sites: readonly Site[];
  /** The sites that the graph has intervention inputs for. */
  intervened: readonly Site[];
  /** Whether it gives them as float16. */
  half: boolean;
  /** Whether it adds sites up over tokens. */
  summed: boolean;
  caches: readonly (readonly CachePart[])[];
  vocabularySize: number;
  contextLength: number;
  memory?: GenerationMemory;
  /** A generation is under way and uses the memory. */
  busy?: boolean;
}

interface GenerationMemory {
  rows: number;
  allocate?: AllocateOutputs;
  cache: KeyValueCache;
  /** Two sets, so that one step's activations can be stored while the next step runs. */
  outputs: [OutputBuffers, OutputBuffers];
  sums: SiteSums;
  readout: Readout;
}

/** Memory for a batch; that of the last batch if it fits. Rows do not see what is beyond their own keys. */
function memoryFor(
  generator: Generator,
  rows: number,
  capacity: number,
  detail: ReadoutDetail,
  allocate?: AllocateOutputs,
): GenerationMemory {
  const { memory, half, caches, vocabularySize } = generator;
  const [tapped, summed] = generator.summed ? [[], generator.sites] : [generator.sites, []];
  const fits = memory?.rows === rows && memory.allocate === allocate ? memory : undefined;
  if (fits && fits.cache.capacity >= capacity) {
    fits.readout = suitedReadout(fits.readout, rows, vocabularySize, detail);
    return fits;
  }
  generator.memory = undefined;
  const made: GenerationMemory = {
    rows,
    allocate,
    cache: createCache(caches, rows, Math.min(generator.contextLength, Math.ceil(capacity / 32) * 32)),
    outputs: fits?.outputs ?? [
      createOutputBuffers(tapped, half, rows, rows, allocate),
      createOutputBuffers(tapped, half, rows, rows, allocate),
    ],
    sums: fits?.sums ?? createSiteSums(summed, rows, allocate),
    readout: suitedReadout(fits?.readout, rows, vocabularySize, detail),
  };
  generator.memory = made;
  return made;
}

function suitedReadout(
  held: Readout | undefined,
  rows: number,
  vocabularySize: number,
  detail: ReadoutDetail,
): Readout {
  const { logProbabilities, temperature } = detail;
  const suits = held?.detail.logProbabilities === logProbabilities && held.detail.temperature === temperature;
  return suits ? held : createReadout(rows, vocabularySize, detail);
}

/**
 * Generates a number of tokens for every prompt of a batch. Step k hands out the activations at the position whose logits
 * chose token k: the prompt's last position for the first token, then the token before.
 */
export async function generate(generator: Generator, request: GenerationRequest): Promise<Generation> {
  if (generator.busy) throw new Error('a subject generates one batch at a time: wait for the one before');
  generator.busy = true;
  try {
    return await generateBatch(generator, request);
  } finally {
    generator.busy = false;
  }
}

async function generateBatch(generator: Generator, request: GenerationRequest): Promise<Generation> {
  const { session, vocabularySize } = generator;
  checkRequest(request, vocabularySize, generator.contextLength);
  checkInterventions(generator.intervened, request.interventions, request.prompts.length);
  const { prompts, newTokens, sampling, onStep, signal } = request;
  const rows = prompts.length;
  const longest = Math.max(...prompts.map((p) => p.length));
  const detail = distributionsFor(sampling);
  if (request.distributions) detail.logProbabilities = true;
  const { cache, outputs, sums, readout } = memoryFor(
    generator,
    rows,
    longest + newTokens - 1,
    detail,
    request.allocate,
  );
  const chooser = createTokenChooser(sampling, request.promptKeys ?? prompts.map((_, i) => i));
  const result: Generation = {
    tokens: prompts.map(() => new Int32Array(newTokens)),
    logProbabilities: prompts.map(() => new Float32Array(newTokens)),
    entropies: prompts.map(() => new Float32Array(newTokens)),
  };

  const { past, present } = cacheTensors(cache);
  const ids = BigInt64Array.from(prompts, (p) => BigInt(p[p.length - 1]));
  const positions = BigInt64Array.from(prompts, (p) => BigInt(p.length - 1));
  const lastKeys = Int32Array.from(prompts, (p) => p.length - 1);
  const headRows = BigInt64Array.from({ length: rows }, (_, r) => BigInt(r));
  const temperature = temperatureFeeds(detail.temperature);
  const stored: [unknown, unknown] = [undefined, undefined];
  const ends = textEnds(rows, request.endTokens);
  const summing = generator.summed ? startSums(sums, newTokens, rows) : undefined;

  try {
    const changes = (first: number, count: number) =>
      interventionFeeds(generator.intervened, request.interventions, first, count);
    const changed = changes(0, rows);
    const idle = { ...temperatureFeeds(), ...(summing ? sums.idle : {}) };
    await prefill(session, prompts, cache, (first, count) => ({ ...changes(first, count), ...idle }), signal);
    for (let step = 0; step < newTokens; step++) {
      signal?.throwIfAborted();
      const parity = step % 2;
      await stored[parity];
      const added = summing ? sums.adding(step) : { feeds: {}, fetches: {} };
      const tokens = tokenFeeds({ rows, columns: 1, ids, positions, lastKeys, headRows });
      const feeds = { ...tokens, ...temperature, ...past, ...changed, ...added.feeds };
      const fetches = {
        ...present,
        ...outputs[parity].fetches,
        ...added.fetches,
        ...readoutFetches(readout, vocabularySize, 0, rows),
      };
      await runInPlace(session, feeds, fetches);
      const recorded: RecordedStep = {
        position: step,
        rows,
        tokens: new Int32Array(rows),
        logProbabilities: new Float32Array(rows),
        entropies: readout.entropies.slice(),
        ...(request.distributions ? { distributions: readout.logProbabilities } : {}),
        ...activationsIn(outputs[parity]),
      };
      for (let row = 0; row < rows; row++) {
        const part = [row * vocabularySize, (row + 1) * vocabularySize] as const;
        const distribution = readout.logProbabilities.subarray(...part);
        const tempered = detail.temperature === undefined ? undefined : readout.tempered.subarray(...part);
        const entropy = recorded.entropies[row];
        const argmax = Number(readout.argmax[row]);
        const token = chooser.choose(row, distribution, entropy, argmax, step, tempered);
        const logProbability = token === argmax ? readout.highest[row] : distribution[token];
        recorded.tokens[row] = result.tokens[row][step] = token;
        recorded.logProbabilities[row] = result.logProbabilities[row][step] = logProbability;
        result.entropies[row][step] = entropy;
        if (ends.take(row, token, step)) summing?.end(row, step);
        ids[row] = BigInt(token);
        positions[row]++;
        lastKeys[row]++;
      }
      const pending = onStep && Promise.resolve(onStep(recorded));
      // A failure is thrown where the promise is waited for, not reported as unhandled before.
      pending?.catch(() => {});
      stored[parity] = pending;
      if (request.stopAtEnd && ends.all()) break;
      await request.pause?.();
    }
  } finally {
    await Promise.allSettled(stored);
  }
  await Promise.all(stored);
  if (summing) result.sums = summing.finish();
  return request.stopAtEnd ? upToEnds(result, ends) : result;
}

import { runInPlace, Tensor } from '@galvani/onnx';
import { Failure } from '@galvani/terminal';
import { activationsIn, createOutputBuffers, shrinkOutputBuffers } from '../session/output-buffers.js';
import { tokenFeeds } from '../session/runner.js';
import { chosenOutput, tapOutput } from '../session/site-taps.js';
import type { Generator } from './generate.js';
import { checkInterventions, interventionFeeds } from './interventions.js';
import { paddedRun } from './prefill.js';
import { planPrefill } from './prefill-plan.js';
import type { ReadingRequest } from './read.js';
import { checkReading } from './request.js';

/** Bytes of outputs that one run may make. */
const outputBudget = 256 << 20;
/** Tokens that one run takes, padding counted, where a text is not longer by itself. */
const mostTokens = 1024;

/**
 * Reads given texts with an encoder, whose tokens see all of their text, and hands out the activations at every position. A text whose activations
 * are too many for one run is run again for each part that is handed out. Log probabilities and entropies are NaN.
 */
export async function readWhole(generator: Generator, request: ReadingRequest): Promise<void> {
  const { session, sites, half, intervened } = generator;
  const { texts, onPassage, signal } = request;
  checkReading(texts, generator.vocabularySize, generator.contextLength);
  checkInterventions(intervened, request.interventions, texts.length);
  const units = (request.passagesOf ?? sites).reduce((sum, { width }) => sum + width, 0);
  const atOnce = Math.max(16, Math.min(mostTokens, Math.floor(outputBudget / (4 * Math.max(1, units)))));
  const runs = planPrefill(
    texts.map(({ length }) => length),
    atOnce,
  );
  const most = Math.max(...runs.map(({ rows, from, to }) => rows * (to - from)));
  const held = createOutputBuffers(sites, half, most, most, request.allocate);
  const widths = new Map(sites.map(({ name, width }) => [name, width]));
  const finite = new Float32Array(1);
  for (const { firstRow, rows, from, to } of runs) {
    signal?.throwIfAborted();
    const own = texts.slice(firstRow, firstRow + rows);
    const columns = Math.max(...own.map(({ length }) => length));
    const tokens = paddedRun(texts, { firstRow, rows, from: 0, to: columns });
    const counts = own.map(({ length }) => Math.min(to, length) - from);
    const count = counts.reduce((a, b) => a + b, 0);
    tokens.headRows = BigInt64Array.from(
      counts.flatMap((n, r) => Array.from({ length: n }, (_, t) => BigInt(r * columns + from + t))),
    );
    const outputs = shrinkOutputBuffers(held, sites, count, count);
    const fetches = Object.fromEntries(
      sites.map(({ name }) => [chosenOutput(name, half), outputs.fetches[tapOutput(name, half)]]),
    );
    await runInPlace(
      session,
      { ...tokenFeeds(tokens), ...interventionFeeds(intervened, request.interventions, firstRow, rows) },
      { ...fetches, finite: new Tensor('float32', finite, []) },
    );
    if (!Number.isFinite(finite[0]))
      throw new Failure(
        `the model's hidden states are not finite numbers while it reads ${rows === 1 ? `text ${firstRow + 1}` : `texts ${firstRow + 1} to ${firstRow + rows}`}: its weights or a number in its config.json are wrong, or its activations overflow float32.`,
      );
    let first = 0;
    for (const [r, text] of own.entries()) {
      const start = first;
      const n = counts[r];
      const unknown = () => new Float32Array(n).fill(Number.NaN);
      await onPassage({
        ...{ text: firstRow + r, from, tokens: text.slice(from, from + n) },
        ...{ logProbabilities: unknown(), entropies: unknown() },
        ...activationsIn(outputs, (numbers, name) => {
          const width = widths.get(name)!;
          return numbers.subarray(start * width, (start + n) * width);
        }),
      });
      first += n;
    }
  }
}

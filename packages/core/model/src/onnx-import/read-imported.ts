import { runsInPlace, Tensor } from '@galvani/onnx';
import { checkInterventions } from '../forward/interventions.js';
import type { PrefillRun } from '../forward/prefill-plan.js';
import type { ReadingRequest } from '../forward/read.js';
import { checkReading } from '../forward/request.js';
import { siteMemory } from './group-memory.js';
import type { ImportedGenerator } from './imported-generator.js';
import { textFeeds } from './imported-inputs.js';
import { floatsOf, runImported, runImportedInPlace } from './imported-session.js';
import { entropiesOutput, logProbabilitiesOutput, readoutFeed } from './readout-nodes.js';
import { outputOf } from './tap-graph.js';
import { activationFeeds, changeFeeds } from './tapped-run.js';

/** Bytes of activations that one run hands out. */
const outputBudget = 64 << 20;

/** Most tokens of texts that are read together, padding counted: with more, weights no longer are what takes the time. */
const tokensTogether = 128;

/** What each run of the graph reads: a text or some positions of it or, where texts may be read together, neighbouring ones. */
export function readingRuns(
  { sites, ports, vocabularySize, readOnly }: ImportedGenerator,
  { texts, passagesOf = sites }: Pick<ReadingRequest, 'texts' | 'passagesOf'>,
  mayBeTogether: boolean,
): PrefillRun[] {
  const units = passagesOf.reduce((sum, { width }) => sum + width, readOnly ? 0 : vocabularySize);
  const atOnce = Math.max(16, Math.floor(outputBudget / (4 * units)));
  const together = mayBeTogether && ports.mostRows > 1 ? Math.min(atOnce, tokensTogether) : 0;
  const runs: PrefillRun[] = [];
  for (const [row, { length }] of texts.entries()) {
    const last = runs.at(-1);
    const longest = Math.max(length, last?.to ?? 0);
    if (last?.from === 0 && longest * (last.rows + 1) <= together)
      Object.assign(last, { rows: last.rows + 1, to: longest });
    else
      for (let from = 0; from < length; from += atOnce)
        runs.push({ firstRow: row, rows: 1, from, to: Math.min(from + atOnce, length) });
  }
  return runs;
}

/**
 * Reads given texts as `Subject.read` says. A long text is run several times, each handing out some of its positions. A model
 * without the next token's logits gives no log probabilities and entropies: NaN.
 *
 * @param runs what each run reads. Default: one text at a time
 */
export async function readImported(
  generator: ImportedGenerator,
  request: ReadingRequest,
  runs: readonly PrefillRun[] = readingRuns(generator, request, false),
): Promise<void> {
  const { session, sites, ports, vocabularySize, readOnly, intervened } = generator;
  const { texts, signal, onPassage } = request;
  checkReading(texts, vocabularySize, generator.contextLength);
  checkInterventions(intervened, request.interventions, texts.length);
  const most = Math.max(
    ...runs.map(({ firstRow, rows, from, to }) =>
      texts.slice(firstRow, firstRow + rows).reduce((sum, { length }) => sum + Math.min(to, length) - from, 0),
    ),
  );
  const read = readerOf(generator, most);
  let following = Number.NaN;
  for (const { firstRow, rows, from, to } of runs) {
    signal?.throwIfAborted();
    const own = texts.slice(firstRow, firstRow + rows);
    const columns = Math.max(...own.map(({ length }) => length));
    const tokens = own.map((text) => Int32Array.from({ length: columns }, (_, c) => text[c] ?? text[0]));
    const places = own.flatMap((text, row) =>
      Array.from({ length: Math.min(to, text.length) - from }, (_, t) => ({ row, column: from + t })),
    );
    const feeds = {
      ...textFeeds(ports, tokens, 0, undefined, (row, column) => (column < own[row].length ? column : -1)),
      ...changeFeeds(
        intervened,
        request.interventions,
        [...own.keys()].map((row) => firstRow + row),
      ),
      ...(readOnly ? {} : readoutFeed()),
    };
    const outputs = await read(activationFeeds(session, feeds, columns, places), places.length);
    const distributions = outputs.logProbabilities;
    let first = 0;
    for (const [row, text] of own.entries()) {
      const passage = text.slice(from, to);
      const end = first + passage.length;
      const logProbabilities = new Float32Array(passage.length).fill(Number.NaN);
      if (from === 0) following = Number.NaN;
      for (const t of distributions ? passage.keys() : []) {
        logProbabilities[t] = following;
        following = distributions![(first + t) * vocabularySize + text[from + t + 1]];
      }
      await onPassage({
        text: firstRow + row,
        from,
        tokens: passage,
        logProbabilities,
        entropies: outputs.entropies?.slice(first, end) ?? new Float32Array(passage.length).fill(Number.NaN),
        sites: new Map(
          sites.map(({ name, width }) => [name, outputs.sites.get(name)!.subarray(first * width, end * width)]),
        ),
      });
      first = end;
    }
  }
}

/** What a run reads [places x width], and off the logits where there are any; valid until the next run. */
interface ReadOutputs {
  sites: ReadonlyMap<string, Float32Array>;
  logProbabilities?: Float32Array;
  entropies?: Float32Array;
}

/** Runs the graph for some places, at most so many, into memory that is made once if it can. */
function readerOf({ session, sites, vocabularySize, readOnly, path }: ImportedGenerator, most: number) {
  const vocabulary = readOnly ? 0 : vocabularySize;
  const plain = async (feeds: Record<string, Tensor>): Promise<ReadOutputs> => {
    const readout = readOnly ? [] : [logProbabilitiesOutput, entropiesOutput];
    const outputs = await runImported(session, feeds, [...sites.map(({ name }) => outputOf(name)), ...readout], path);
    const own = new Map(sites.map(({ name }) => [name, floatsOf(outputs[outputOf(name)])]));
    if (readOnly) return { sites: own };
    const [logProbabilities, entropies] = readout.map((name) => floatsOf(outputs[name]));
    return { sites: own, logProbabilities, entropies };
  };
  if (!runsInPlace(session)) return plain;
  const held = siteMemory(sites, most);
  const distributions = new Float32Array(most * vocabulary);
  const uncertainties = new Float32Array(most);
  return async (feeds: Record<string, Tensor>, places: number): Promise<ReadOutputs> => {
    const own = siteMemory(sites, places, held);
    const fetches: Record<string, Tensor> = { ...own.fetches };
    const logProbabilities = distributions.subarray(0, places * vocabulary);
    const entropies = uncertainties.subarray(0, places);
    if (!readOnly) {
      fetches[logProbabilitiesOutput] = new Tensor('float32', logProbabilities, [places, vocabulary]);
      fetches[entropiesOutput] = new Tensor('float32', entropies, [places]);
    }
    await runImportedInPlace(session, feeds, fetches, path);
    return readOnly ? { sites: own.sites } : { sites: own.sites, logProbabilities, entropies };
  };
}

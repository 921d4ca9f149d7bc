import { checkInterventions } from '../forward/interventions.js';
import type { PrefillRun } from '../forward/prefill-plan.js';
import type { ReadingRequest } from '../forward/read.js';
import { checkReading } from '../forward/request.js';
import type { ImportedGenerator } from './imported-generator.js';
import { textFeeds } from './imported-inputs.js';
import { floatsOf, runImported } from './imported-session.js';
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
  const { session, sites, ports, vocabularySize, path, readOnly, intervened } = generator;
  const { texts, signal, onPassage } = request;
  checkReading(texts, vocabularySize, generator.contextLength);
  checkInterventions(intervened, request.interventions, texts.length);
  const fetches = [
    ...sites.map(({ name }) => outputOf(name)),
    ...(readOnly ? [] : [logProbabilitiesOutput, entropiesOutput]),
  ];
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
    const outputs = await runImported(session, activationFeeds(session, feeds, columns, places), fetches, path);
    const distributions = readOnly ? undefined : floatsOf(outputs[logProbabilitiesOutput]);
    let first = 0;
    for (const [row, text] of own.entries()) {
      const read = text.slice(from, to);
      const end = first + read.length;
      const logProbabilities = new Float32Array(read.length).fill(Number.NaN);
      if (from === 0) following = Number.NaN;
      for (const t of distributions ? read.keys() : []) {
        logProbabilities[t] = following;
        following = distributions![(first + t) * vocabularySize + text[from + t + 1]];
      }
      await onPassage({
        text: firstRow + row,
        from,
        tokens: read,
        logProbabilities,
        entropies: distributions
          ? floatsOf(outputs[entropiesOutput]).slice(first, end)
          : new Float32Array(read.length).fill(Number.NaN),
        sites: new Map(
          sites.map(({ name, width }) => [
            name,
            floatsOf(outputs[outputOf(name)]).subarray(first * width, end * width),
          ]),
        ),
      });
      first = end;
    }
  }
}

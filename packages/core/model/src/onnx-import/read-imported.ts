import { checkInterventions } from '../forward/interventions.js';
import type { ReadingRequest } from '../forward/read.js';
import { checkReading } from '../forward/request.js';
import type { ImportedGenerator } from './generate-imported.js';
import { textFeeds } from './imported-inputs.js';
import { floatsOf, runImported } from './imported-session.js';
import { entropiesOutput, logProbabilitiesOutput, readoutFeed } from './readout-nodes.js';
import { outputOf } from './tap-graph.js';
import { activationFeeds, changeFeeds, placesOf } from './tapped-run.js';

/** Bytes of activations that one run hands out. */
const outputBudget = 64 << 20;

/**
 * Reads given texts as `Subject.read` says. A long text is run several times, each handing out some of its positions. A model
 * without the next token's logits gives no log probabilities and entropies: NaN.
 */
export async function readImported(generator: ImportedGenerator, request: ReadingRequest): Promise<void> {
  const { session, sites, ports, vocabularySize, path, readOnly } = generator;
  checkReading(request.texts, vocabularySize, generator.contextLength);
  checkInterventions(generator.intervened, request.interventions, request.texts.length);
  const units = sites.reduce((sum, { width }) => sum + width, readOnly ? 0 : vocabularySize);
  const atOnce = Math.max(16, Math.floor(outputBudget / (4 * units)));
  for (const [index, text] of request.texts.entries()) {
    const changes = changeFeeds(generator.intervened, request.interventions, [index]);
    const feeds = { ...textFeeds(ports, [text], 0), ...changes, ...(readOnly ? {} : readoutFeed()) };
    let following = Number.NaN;
    for (let from = 0; from < text.length; from += atOnce) {
      request.signal?.throwIfAborted();
      const tokens = text.slice(from, from + atOnce);
      const positions = Array.from(tokens, (_, i) => from + i);
      const fetches = [
        ...sites.map(({ name }) => outputOf(name)),
        ...(readOnly ? [] : [logProbabilitiesOutput, entropiesOutput]),
      ];
      const outputs = await runImported(
        session,
        activationFeeds(session, feeds, text.length, placesOf(1, positions)),
        fetches,
        path,
      );
      const logProbabilities = new Float32Array(tokens.length).fill(Number.NaN);
      const unknown = readOnly ? logProbabilities.slice() : undefined;
      const distributions = readOnly ? new Float32Array(0) : floatsOf(outputs[logProbabilitiesOutput]);
      for (const t of readOnly ? [] : tokens.keys()) {
        logProbabilities[t] = following;
        following = from + t + 1 < text.length ? distributions[t * vocabularySize + text[from + t + 1]] : Number.NaN;
      }
      await request.onPassage({
        text: index,
        from,
        tokens,
        logProbabilities,
        entropies: unknown ?? floatsOf(outputs[entropiesOutput]),
        sites: new Map(sites.map(({ name }) => [name, floatsOf(outputs[outputOf(name)])])),
      });
    }
  }
}

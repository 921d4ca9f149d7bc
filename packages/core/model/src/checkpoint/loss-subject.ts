import { refusedIntervention } from '../forward/interventions.js';
import { type LossGenerator, type LossRequest, lossesUnder } from '../forward/losses.js';
import { isOnnxFile, openModelTokenizer } from '../model-files.js';
import { assembleModel } from '../session/assemble.js';
import { type Device, openSession } from '../session/open-session.js';
import type { Site } from '../site.js';
import { type SitePatterns, selectSites } from '../site-patterns.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { buildCheckpointGraph } from './checkpoint-graph.js';
import { sitesOf, withCheckpoint } from './checkpoint-subject.js';

/** A checkpoint that tells how badly it predicts texts while units are changed, and nothing else. */
export interface LossSubject {
  name: string;
  /** The sites that can be intervened on. */
  intervened: readonly Site[];
  contextLength: number;
  tokenizer?: Tokenizer;
  losses(request: LossRequest): Promise<Float64Array[]>;
  release(): Promise<void>;
}

/** @throws UserMistake for an .onnx file */
export async function openLossSubject(
  path: string,
  options: { interventions: SitePatterns; device?: Device; threads?: number },
): Promise<LossSubject> {
  if (isOnnxFile(path)) throw refusedIntervention(path);
  return withCheckpoint(path, async (checkpoint) => {
    const intervened = selectSites(sitesOf(checkpoint), options.interventions);
    const { graph, caches } = buildCheckpointGraph(checkpoint, new Set(intervened.map(({ name }) => name)), true);
    const session = await openSession(
      await assembleModel(graph, [], checkpoint.source),
      options.device,
      options.threads,
    );
    const { vocabularySize, contextLength } = checkpoint.facts;
    const generator: LossGenerator = { session, intervened, caches, vocabularySize, contextLength };
    return {
      name: checkpoint.name,
      intervened,
      contextLength,
      tokenizer: await openModelTokenizer(path),
      losses: (request) => lossesUnder(generator, request),
      release: () => session.release(),
    };
  });
}

import { runInPlace, Tensor } from '@galvani/onnx';
import { UserMistake } from '@galvani/terminal';
import type { Generator } from '../forward/generate.js';
import { interventionFeeds } from '../forward/interventions.js';
import { type CopyReader, lossesUnder } from '../forward/losses.js';
import { paddedRun } from '../forward/prefill.js';
import type { LossSubject, LossSubjectOptions } from '../loss-subject.js';
import { openModelTokenizer } from '../model-files.js';
import { assembleModel } from '../session/assemble.js';
import { cacheTensors, createCache, type KeyValueCache } from '../session/key-value-cache.js';
import { openSession } from '../session/open-session.js';
import { tokenFeeds } from '../session/runner.js';
import { buildCheckpointGraph } from './checkpoint-graph.js';
import { intervenedSites, namesOf, withCheckpoint } from './checkpoint-subject.js';

/** Opens a checkpoint on a graph that gives the log probabilities of given tokens alone. */
export const openCheckpointLosses = (path: string, options: LossSubjectOptions): Promise<LossSubject> =>
  withCheckpoint(path, async (checkpoint) => {
    const { encoder } = checkpoint.architecture;
    if (encoder)
      throw new UserMistake(
        `${checkpoint.name} gives no logits of the next token, so it predicts no text: ${encoder.readOnly}.`,
      );
    const intervened = intervenedSites(checkpoint, options.interventions);
    const { graph, caches } = buildCheckpointGraph(checkpoint, { intervened: namesOf(intervened) }, true);
    const session = await openSession(
      await assembleModel(graph, { sites: [] }, checkpoint.source),
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
      losses: (request) => lossesUnder(copyReader(generator), request),
      release: () => session.release(),
    };
  });

type LossGenerator = Pick<Generator, 'session' | 'intervened' | 'caches' | 'vocabularySize' | 'contextLength'>;

/** Reads copies but for their last token, which predicts nothing, with one cache for all runs of a request. */
function copyReader({ session, caches, ...generator }: LossGenerator): CopyReader {
  let cache: KeyValueCache | undefined;
  return {
    ...generator,
    async read(text, copies, interventions, first) {
      const length = text.length - 1;
      if (!cache || cache.rows < copies || cache.capacity < length)
        cache = createCache(caches, copies, Math.min(generator.contextLength, Math.ceil(length / 64) * 64));
      const tokens = paddedRun(Array<Int32Array>(copies).fill(text.subarray(0, length)), {
        ...{ firstRow: 0, rows: copies },
        ...{ from: 0, to: length },
      });
      const asked = copies * length;
      tokens.headRows = BigInt64Array.from({ length: asked }, (_, k) => BigInt(k));
      const targets = BigInt64Array.from({ length: asked }, (_, k) => BigInt(text[1 + (k % length)]));
      const { past, present } = cacheTensors(cache, 0, copies);
      const changes = interventionFeeds(generator.intervened, interventions, first, copies);
      const out = new Float32Array(asked);
      await runInPlace(
        session,
        { ...tokenFeeds(tokens), ...past, ...changes, targets: new Tensor('int64', targets, [asked, 1]) },
        { ...present, target_log_probabilities: new Tensor('float32', out, [asked, 1]) },
      );
      return out;
    },
  };
}

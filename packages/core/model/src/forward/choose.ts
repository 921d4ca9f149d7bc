import { type RandomStream, randomStream } from '@galvani/numerics';
import { Failure } from '@galvani/terminal';
import type { ReadoutDetail } from '../session/readout-buffers.js';
import { drawToken, type Sampling } from './sampling.js';

/** Chooses the next token of every prompt from what the graph reads off the logits. */
export interface TokenChooser {
  /**
   * `row` of the prompt, log probabilities of the whole vocabulary in nats (none where only the most probable token can be
   * chosen), the distribution's entropy, and the first of the most probable tokens, which greedy decoding alone looks at. `tempered`,
   * probabilities at the sampling's temperature [vocabulary], if they are at hand, save computing them.
   */
  choose(
    row: number,
    logProbabilities: Float32Array,
    entropy: number,
    argmax: number,
    step: number,
    tempered?: Float32Array,
  ): number;
}

/** Which distributions `choose` needs. */
export function distributionsFor(sampling: Sampling): ReadoutDetail {
  if (sampling.method === 'greedy') return { logProbabilities: false };
  // Of the topK most probable tokens alone they are soon computed.
  return { logProbabilities: true, temperature: sampling.topK === undefined ? sampling.temperature : undefined };
}

/** A stream of random numbers for each prompt, one number a token, so that tokens do not depend on the batch. */
export function createTokenChooser(sampling: Sampling, promptKeys: readonly (string | number)[]): TokenChooser {
  const streams: RandomStream[] =
    sampling.method === 'sample' ? promptKeys.map((key) => randomStream(sampling.seed, key, 'tokens')) : [];
  return {
    choose(row, logProbabilities, entropy, argmax, step, tempered) {
      if (!Number.isFinite(entropy))
        throw new Failure(
          `the model's logits are not finite numbers at new token ${step + 1} of prompt ${JSON.stringify(promptKeys[row])}: its weights or a number in its config.json are wrong, or its activations overflow float32.`,
        );
      return sampling.method === 'greedy'
        ? argmax
        : drawToken(logProbabilities, sampling, streams[row].uniform(), tempered);
    },
  };
}

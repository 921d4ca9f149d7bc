import type { Config } from '../../checkpoint/config.js';
import { llamaKind } from '../llama/llama-decoder.js';
import { type LlamaFacts, readLlamaFacts } from '../llama/llama-facts.js';

/** Command R (Cohere 2024): attention and feed-forward side by side behind one norm, neighbouring dimensions turned together, logits scaled. */
export const cohere = llamaKind('Cohere', ['cohere'], (config) => {
  const facts = readCohereFacts(config, 500_000);
  return config.boolean('use_qk_norm', false) ? { ...facts, queryKeyNorms: { of: 'own-gains' } } : facts;
});

/** What Cohere's models have in common. */
export function readCohereFacts(config: Config, theta: number): LlamaFacts {
  const facts = readLlamaFacts(config, {
    ...{ contextLength: 8192, theta, tied: true, epsilon: 1e-5, epsilonField: 'layer_norm_eps' },
  });
  return {
    ...facts,
    norm: { by: 'deviation', epsilon: facts.norm.epsilon },
    parallel: true,
    neighboursTurned: true,
    logitMultiplier: config.number('logit_scale', 0.0625),
  };
}

import { llamaKind } from '../llama/llama-decoder.js';
import { readLlamaFacts } from '../llama/llama-facts.js';
import { readMixture } from '../llama/mixture-facts.js';

/** OLMoE (Muennighoff et al. 2024, arXiv 2409.02060): queries and keys are normalized, all heads as one. */
export const olmoe = llamaKind('OLMoE', ['olmoe'], (config) => {
  if (config.has('clip_qkv'))
    config.refuse('clip_qkv', 'and OLMoE whose queries, keys and values are cut is not built');
  const facts = readLlamaFacts(config, { contextLength: 4096, epsilon: 1e-5 });
  const every = facts.windows.map(() => true);
  const normed = config.boolean('norm_topk_prob', false);
  return {
    ...facts,
    queryKeyNorms: { of: 'whole' },
    mixture: readMixture(config, every, { experts: 64, chosen: 8, inner: facts.feedForward, normed }),
  };
});

import { llamaKind } from '../llama/llama-decoder.js';
import { readLlamaFacts, readSoftcap } from '../llama/llama-facts.js';

/** OLMo (Groeneveld et al. 2024, arXiv 2402.00838): Llama with layer norms that have neither gain nor bias, and perhaps bounded queries, keys and values. */
export const olmo = llamaKind('OLMo', ['olmo'], (config) => ({
  ...readLlamaFacts(config, { contextLength: 2048 }),
  norm: { by: 'deviation', epsilon: 1e-5, gain: false },
  projectionBound: readSoftcap(config, 'clip_qkv'),
}));

import { llamaKind } from '../llama/llama-decoder.js';
import { normsBehind, readLlamaFacts } from '../llama/llama-facts.js';

/** OLMo 2 (OLMo et al. 2025, arXiv 2501.00656): norms behind attention and feed-forward, and of queries and keys over all heads. */
export const olmo2 = llamaKind('OLMo 2', ['olmo2'], (config) => ({
  ...readLlamaFacts(config, { contextLength: 2048, epsilon: 1e-5 }),
  norms: normsBehind,
  queryKeyNorms: { of: 'whole' },
}));

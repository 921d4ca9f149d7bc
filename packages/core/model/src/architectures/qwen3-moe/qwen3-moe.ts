import { llamaKind } from '../llama/llama-decoder.js';
import { readLlamaFacts } from '../llama/llama-facts.js';
import { readMixture, readSparseBlocks } from '../llama/mixture-facts.js';
import { readWindow, readWindows } from '../llama/windows.js';

/** Qwen3's mixtures of experts (Yang et al. 2025, arXiv 2505.09388): many small experts. */
export const qwen3Moe = llamaKind('Qwen3-MoE', ['qwen3_moe'], (config) => {
  const facts = readLlamaFacts(config, { keyValueHeads: 4, contextLength: 32768 });
  const window = config.boolean('use_sliding_window', false) ? readWindow(config, 4096) : undefined;
  return {
    ...facts,
    queryKeyNorms: { of: 'heads' },
    windows: readWindows(config, facts, window, () => window !== undefined),
    mixture: readMixture(config, readSparseBlocks(config, facts.windows.length), {
      ...{ experts: 128, chosen: 8, inner: config.integer('moe_intermediate_size', 768) },
      normed: config.boolean('norm_topk_prob', false),
    }),
  };
});

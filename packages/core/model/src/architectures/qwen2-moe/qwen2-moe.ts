import { llamaKind } from '../llama/llama-decoder.js';
import { noBiases, readLlamaFacts } from '../llama/llama-facts.js';
import { readMixture, readSparseBlocks } from '../llama/mixture-facts.js';
import { readWindow, readWindows } from '../llama/windows.js';

/** Qwen1.5-MoE and Qwen2-MoE (Yang et al. 2024, arXiv 2407.10671): one expert more that every token is given to, behind a gate of its own. */
export const qwen2Moe = llamaKind('Qwen2-MoE', ['qwen2_moe'], (config) => {
  const facts = readLlamaFacts(config, {
    ...{ keyValueHeads: 16, contextLength: 32768 },
    biases: { ...noBiases, queryKeyValue: config.boolean('qkv_bias', true) },
  });
  const window = config.boolean('use_sliding_window', false) ? readWindow(config, 4096) : undefined;
  const last = config.number('max_window_layers', 28);
  return {
    ...facts,
    windows: readWindows(config, facts, window, (block) => window !== undefined && block % 2 === 0 && block < last),
    mixture: readMixture(config, readSparseBlocks(config, facts.windows.length), {
      ...{ experts: 60, chosen: 4, inner: config.integer('moe_intermediate_size', 1408) },
      normed: config.boolean('norm_topk_prob', false),
      shared: config.integer('shared_expert_intermediate_size', 5632),
    }),
  };
});

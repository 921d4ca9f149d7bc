import { llamaKind } from '../llama/llama-decoder.js';
import { readMixture, readSparseBlocks } from '../llama/mixture-facts.js';
import { readQwen35 } from '../qwen3-5/qwen3-5.js';

/** Qwen3-Next, from which Qwen3.5 comes: a mixture of experts with fewer products in linear attention. */
export const qwen3Next = llamaKind('Qwen3-Next', ['qwen3_next'], (config) => {
  const facts = readQwen35(config, { keyValueHeads: 2, feedForward: 5632 });
  return {
    ...facts,
    linearAttention: { ...facts.linearAttention!, shape: { ...facts.linearAttention!.shape, joined: true } },
    mixture: readMixture(config, readSparseBlocks(config, facts.windows.length), {
      ...{ experts: 512, chosen: 10, inner: config.integer('moe_intermediate_size', 512) },
      normed: config.boolean('norm_topk_prob', true),
      shared: config.integer('shared_expert_intermediate_size', 512),
    }),
  };
});

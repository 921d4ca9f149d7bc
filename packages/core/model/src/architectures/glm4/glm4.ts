import { llamaKind } from '../llama/llama-decoder.js';
import { readLlamaFacts } from '../llama/llama-facts.js';

/** GLM-4-0414 (Z.ai 2025): GLM with norms behind attention and feed-forward too. */
export const glm4 = llamaKind('GLM-4', ['glm4'], (config) => ({
  ...readLlamaFacts(config, {
    ...{ keyValueHeads: 2, headSize: 128, contextLength: 131072, epsilon: 1.5625e-7, turned: 0.5 },
    biases: { queryKeyValue: config.boolean('attention_bias', true), output: false, feedForward: false },
  }),
  norms: {
    attention: { before: 'input_layernorm', behind: 'post_self_attn_layernorm' },
    feedForward: { before: 'post_attention_layernorm', behind: 'post_mlp_layernorm' },
  },
  gate: 'fused',
  neighboursTurned: true,
}));

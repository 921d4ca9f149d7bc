import { llamaKind } from '../llama/llama-decoder.js';
import { readLlamaFacts } from '../llama/llama-facts.js';

/** GLM-4 (GLM et al. 2024, arXiv 2406.12793): gate and up-projection in one product, half of each head turned, neighbours together. */
export const glm = llamaKind('GLM', ['glm'], (config) => ({
  ...readLlamaFacts(config, {
    ...{ keyValueHeads: 2, headSize: 128, contextLength: 131072, epsilon: 1.5625e-7, turned: 0.5 },
    biases: { queryKeyValue: config.boolean('attention_bias', true), output: false, feedForward: false },
  }),
  gate: 'fused',
  neighboursTurned: true,
}));

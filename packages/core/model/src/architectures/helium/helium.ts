import { llamaKind } from '../llama/llama-decoder.js';
import { attentionBiases, readLlamaFacts } from '../llama/llama-facts.js';

/** Helium 1 (Kyutai 2025): Llama whose neighbouring dimensions are turned together. */
export const helium = llamaKind('Helium', ['helium'], (config) => ({
  ...readLlamaFacts(config, {
    ...{ keyValueHeads: 20, headSize: 128, contextLength: 4096, epsilon: 1e-8 },
    biases: {
      ...attentionBiases(config),
      output: false,
      feedForward: config.boolean('mlp_bias', false),
    },
  }),
  neighboursTurned: true,
}));

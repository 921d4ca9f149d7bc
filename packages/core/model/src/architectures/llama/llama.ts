import { llamaKind } from './llama-decoder.js';
import { attentionBiases, readLlamaFacts } from './llama-facts.js';

/** Llama 1 to 3 (Touvron et al. 2023, arXiv 2302.13971; Dubey et al. 2024) and the many that share its configuration. */
export const llama = llamaKind('Llama', ['llama'], (config) =>
  readLlamaFacts(config, {
    contextLength: 2048,
    biases: { ...attentionBiases(config), feedForward: config.boolean('mlp_bias', false) },
  }),
);

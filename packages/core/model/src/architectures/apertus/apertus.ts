import { llamaKind } from '../llama/llama-decoder.js';
import { readLlamaFacts } from '../llama/llama-facts.js';

/** Apertus (Swiss AI 2025, arXiv 2509.14233): queries and keys normalized, and a feed-forward without a gate whose activation is learned. */
export const apertus = llamaKind('Apertus', ['apertus'], (config) => ({
  ...readLlamaFacts(config, {
    ...{ contextLength: 65536, epsilon: 1e-5, theta: 12_000_000, activation: 'xielu', activations: ['xielu'] },
    rotary: {
      absent: {
        ...{ rope_type: 'llama3', rope_theta: 12_000_000, factor: 8, original_max_position_embeddings: 8192 },
        ...{ low_freq_factor: 1, high_freq_factor: 4 },
      },
    },
  }),
  norms: { attention: { before: 'attention_layernorm' }, feedForward: { before: 'feedforward_layernorm' } },
  queryKeyNorms: { of: 'heads' },
  gate: 'none',
}));

import { llamaKind } from '../llama/llama-decoder.js';
import { noBiases, readLlamaFacts } from '../llama/llama-facts.js';
import { readWindow, readWindows } from '../llama/windows.js';

/** Code World Model (Meta 2025, arXiv 2510.02387): Llama whose windows slide except every fourth block's. */
export const cwm = llamaKind('CWM', ['cwm'], (config) => {
  const facts = readLlamaFacts(config, {
    ...{ keyValueHeads: 8, headSize: 128, contextLength: 131072, theta: 1_000_000, epsilon: 1e-5 },
    biases: { ...noBiases, feedForward: config.boolean('mlp_bias', false) },
    rotary: {
      absent: {
        ...{ rope_type: 'llama3', rope_theta: 1_000_000, factor: 16, original_max_position_embeddings: 8192 },
        ...{ low_freq_factor: 1, high_freq_factor: 4 },
      },
    },
  });
  return { ...facts, windows: readWindows(config, facts, readWindow(config, 8192), (block) => block % 4 !== 0) };
});

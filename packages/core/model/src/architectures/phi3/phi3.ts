import { llamaKind } from '../llama/llama-decoder.js';
import { noBiases, readLlamaFacts } from '../llama/llama-facts.js';
import { readWindow, readWindows } from '../llama/windows.js';

/**
 * Phi-3, Phi-3.5 and Phi-4 (Abdin et al. 2024, arXiv 2404.14219): Llama with joined projections. With longrope the context ends where that of the training
 * did (original_max_position_embeddings): longer texts are turned by other angles.
 */
export const phi3 = llamaKind('Phi-3', ['phi3'], (config) => {
  const facts = readLlamaFacts(config, {
    ...{ contextLength: 4096, epsilon: 1e-5, biases: noBiases, turned: 1 },
    rotary: { original: 4096, kinds: { su: 'longrope', yarn: 'longrope' } },
  });
  const window = config.has('sliding_window') ? readWindow(config, facts.contextLength) : undefined;
  return {
    ...facts,
    joined: true,
    gate: 'fused',
    windows: readWindows(config, facts, window, () => window !== undefined),
  };
});

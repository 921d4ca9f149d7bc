import { llamaKind } from '../llama/llama-decoder.js';
import { noBiases, readLlamaFacts } from '../llama/llama-facts.js';
import { readWindow, readWindows } from '../llama/windows.js';

/**
 * Mistral (Jiang et al. 2023, arXiv 2310.06825): Llama with a sliding window in every block, unless sliding_window is null. With
 * layer_types, which transformers calls Ministral, in the blocks that these say.
 */
export const mistral = llamaKind('Mistral', ['mistral', 'ministral'], (config) => {
  const facts = readLlamaFacts(config, { keyValueHeads: 8, contextLength: 131072, biases: noBiases });
  const window = readWindow(config, 4096);
  return { ...facts, windows: readWindows(config, facts, window, () => window !== undefined) };
});

import { llamaKind, readLlamaFacts, readWindows } from '../llama/llama-decoder.js';

/** Mistral (Jiang et al. 2023, arXiv 2310.06825): Llama with a sliding window in every block, unless sliding_window is null. */
export const mistral = llamaKind('Mistral', ['mistral'], (config) => {
  const facts = readLlamaFacts(config, { keyValueHeads: 8, contextLength: 131072 });
  return { ...facts, windows: readWindows(config, facts, () => !config.isNull('sliding_window')) };
});

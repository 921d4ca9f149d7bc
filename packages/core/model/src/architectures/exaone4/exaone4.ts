import { llamaKind } from '../llama/llama-decoder.js';
import { noBiases, normsBehind, readLlamaFacts } from '../llama/llama-facts.js';
import { readWindow, readWindows, slidingBlocks } from '../llama/windows.js';

/** EXAONE 4 (LG AI Research 2025, arXiv 2507.11407): norms behind attention and feed-forward, queries and keys normalized, and, where windows slide, blocks whose window does not are not turned by position. */
export const exaone4 = llamaKind('EXAONE 4', ['exaone4'], (config) => {
  const facts = readLlamaFacts(config, {
    ...{ keyValueHeads: 32, contextLength: 2048, epsilon: 1e-5, biases: noBiases },
  });
  const window = readWindow(config, 4096);
  const every = window === undefined ? 1 : config.integer('sliding_window_pattern', 4);
  const slides = (block: number) => (block + 1) % every !== 0;
  return {
    ...facts,
    norms: normsBehind,
    queryKeyNorms: { of: 'heads' },
    ...(window !== undefined && { rotated: slidingBlocks(config, facts, slides) }),
    windows: readWindows(config, facts, window, slides),
  };
});

import { readCohereFacts } from '../cohere/cohere.js';
import { llamaKind } from '../llama/llama-decoder.js';
import { readWindow, readWindows, slidingBlocks } from '../llama/windows.js';

/** Command R7B and Command A (Cohere 2025, arXiv 2504.00698): Cohere whose windows slide except every fourth block's, which is not turned by position. */
export const cohere2 = llamaKind('Cohere 2', ['cohere2'], (config) => {
  const facts = readCohereFacts(config, 10_000);
  const every = config.integer('sliding_window_pattern', 4);
  const slides = (block: number) => (block + 1) % every !== 0;
  return {
    ...facts,
    rotated: slidingBlocks(config, facts, slides),
    windows: readWindows(config, facts, readWindow(config, 4096), slides),
  };
});

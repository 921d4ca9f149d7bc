import type { Config } from '../../checkpoint/config.js';
import { llamaKind } from '../llama/llama-decoder.js';
import { type LlamaFacts, noBiases, readLlamaFacts } from '../llama/llama-facts.js';
import { readWindow, readWindows } from '../llama/windows.js';

/** Qwen2 and Qwen2.5 (Yang et al. 2024, arXiv 2407.10671): Llama with biases on query, key and value. */
export const qwen2 = llamaKind('Qwen2', ['qwen2'], (config) => {
  const facts = readLlamaFacts(config, {
    keyValueHeads: 32,
    contextLength: 32768,
    biases: { ...noBiases, queryKeyValue: true },
  });
  return { ...facts, windows: readQwenWindows(config, facts) };
});

/** Blocks from max_window_layers on have a sliding window, if use_sliding_window says so. */
export function readQwenWindows(config: Config, facts: LlamaFacts, otherwise = 28): LlamaFacts['windows'] {
  const window = config.boolean('use_sliding_window', false) ? readWindow(config, 4096) : undefined;
  const first = config.number('max_window_layers', otherwise);
  return readWindows(config, facts, window, (block) => window !== undefined && block >= first);
}

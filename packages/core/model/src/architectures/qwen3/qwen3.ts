import { llamaKind } from '../llama/llama-decoder.js';
import { readLlamaFacts } from '../llama/llama-facts.js';
import { readQwenWindows } from '../qwen2/qwen2.js';

/** Qwen3 (Yang et al. 2025, arXiv 2505.09388): queries and keys are normalized head by head. */
export const qwen3 = llamaKind('Qwen3', ['qwen3'], (config) => {
  const facts = readLlamaFacts(config, { keyValueHeads: 32, headSize: 128, contextLength: 32768 });
  return { ...facts, queryKeyNorms: { of: 'heads' }, windows: readQwenWindows(config, facts) };
});

import { languageModelOf } from '../llama/language-model-of.js';
import { llamaKind } from '../llama/llama-decoder.js';
import { noBiases, readLlamaFacts } from '../llama/llama-facts.js';
import { readQwenWindows } from '../qwen2/qwen2.js';

/** A text without images has one position for time, height and width, by which parts of each head are turned: the usual turning. */
const rotary = { kinds: { mrope: 'default' } };

const qwen2Text = llamaKind('Qwen2', ['qwen2_vl_text', 'qwen2_5_vl_text'], (config) => {
  const facts = readLlamaFacts(config, {
    ...{ keyValueHeads: 8, contextLength: 32768, theta: 1_000_000, epsilon: 1e-5 },
    ...{ biases: { ...noBiases, queryKeyValue: true }, rotary },
  });
  return { ...facts, windows: readQwenWindows(config, facts, 80) };
});

const qwen3Text = llamaKind('Qwen3', ['qwen3_vl_text'], (config) => ({
  ...readLlamaFacts(config, {
    ...{ keyValueHeads: 32, headSize: 128, contextLength: 128_000, theta: 500_000, rotary },
  }),
  queryKeyNorms: { of: 'heads' },
}));

/** Qwen2-VL, Qwen2.5-VL (Bai et al. 2025, arXiv 2502.13923) and Qwen3-VL. */
export const qwen2Vl = languageModelOf('Qwen2-VL', 'qwen2_vl', [qwen2Text], { tied: false });
export const qwen25Vl = languageModelOf('Qwen2.5-VL', 'qwen2_5_vl', [qwen2Text], { tied: false });
export const qwen3Vl = languageModelOf('Qwen3-VL', 'qwen3_vl', [qwen3Text], { tied: false });

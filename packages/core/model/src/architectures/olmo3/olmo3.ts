import { readRotaryByWindow } from '../../graph/rotary-frequencies.js';
import { llamaKind } from '../llama/llama-decoder.js';
import { attentionBiases, normsBehind, readLlamaFacts } from '../llama/llama-facts.js';
import { readWindow, readWindows, slidingBlocks } from '../llama/windows.js';

/** OLMo 3 (2025): OLMo 2 with three windows that slide to one that does not, whose angles alone may be scaled. */
export const olmo3 = llamaKind('OLMo 3', ['olmo3'], (config) => {
  const facts = readLlamaFacts(config, {
    ...{ contextLength: 2048, epsilon: 1e-5, biases: attentionBiases(config) },
    rotary: false,
  });
  const slides = (block: number) => (block + 1) % 4 !== 0;
  const { full, sliding } = readRotaryByWindow(config, facts.headSize, facts.contextLength, {
    full: { theta: 'rope_theta', otherwise: 500_000 },
    // transformers gives rope_theta to the others alone.
    sliding: { otherwise: 500_000 },
  });
  return {
    ...facts,
    rotary: full,
    otherRotary: { frequencies: sliding, blocks: slidingBlocks(config, facts, slides) },
    norms: normsBehind,
    queryKeyNorms: { of: 'whole' },
    windows: readWindows(config, facts, readWindow(config, 4096), slides),
  };
});

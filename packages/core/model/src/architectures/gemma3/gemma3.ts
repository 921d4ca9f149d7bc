import { activationName } from '../../graph/activation.js';
import { readRotaryByWindow } from '../../graph/rotary-frequencies.js';
import { llamaKind } from '../llama/llama-decoder.js';
import { attentionBiases, normsAround, readLlamaFacts, readSoftcap } from '../llama/llama-facts.js';
import { readWindow, readWindows, slidingBlocks } from '../llama/windows.js';

/** Gemma 3's language model (Kamath et al. 2025, arXiv 2503.19786): queries and keys normalized, five windows that slide to one that does not, each kind turned by angles of its own. */
export const gemma3 = llamaKind('Gemma 3', ['gemma3_text'], (config) => {
  const facts = readLlamaFacts(config, {
    ...{ keyValueHeads: 4, headSize: 256, contextLength: 131072, tied: true },
    biases: attentionBiases(config),
    // Read below.
    rotary: false,
  });
  const every = config.integer('sliding_window_pattern', 6);
  const slides = (block: number) => (block + 1) % every !== 0;
  const { full, sliding } = readRotaryByWindow(config, facts.headSize, facts.contextLength, {
    full: { theta: 'rope_theta', otherwise: 1_000_000 },
    sliding: { theta: 'rope_local_base_freq', otherwise: 10_000 },
  });
  return {
    ...facts,
    rotary: full,
    otherRotary: { frequencies: sliding, blocks: slidingBlocks(config, facts, slides) },
    activation: activationName(config, ['hidden_activation'], 'gelu_pytorch_tanh'),
    norm: { ...facts.norm, gainOffset: 1 },
    embeddingScale: Math.fround(Math.sqrt(facts.hiddenSize)),
    scale: config.number('query_pre_attn_scalar', 256, { above: 0 }) ** -0.5,
    norms: normsAround,
    queryKeyNorms: { of: 'heads' },
    // transformers has a field for a cap of attention's scores too, and does not apply it.
    logitSoftcap: readSoftcap(config, 'final_logit_softcapping'),
    windows: readWindows(config, facts, readWindow(config, 4096), slides),
  };
});

import { activationName } from '../../graph/activation.js';
import { llamaKind } from '../llama/llama-decoder.js';
import { normsAround, readLlamaFacts, readSoftcap } from '../llama/llama-facts.js';
import { readWindow, readWindows } from '../llama/windows.js';

/** Gemma 2 (Rivière et al. 2024, arXiv 2408.00118): norms on both sides, bounded products and logits, every other window sliding. */
export const gemma2 = llamaKind('Gemma 2', ['gemma2'], (config) => {
  const facts = readLlamaFacts(config, { keyValueHeads: 4, headSize: 256, contextLength: 8192, tied: true });
  return {
    ...facts,
    activation: activationName(config, ['hidden_activation'], 'gelu_pytorch_tanh'),
    norm: { ...facts.norm, gainOffset: 1 },
    embeddingScale: Math.fround(Math.sqrt(facts.hiddenSize)),
    scale: config.number('query_pre_attn_scalar', 256, { above: 0 }) ** -0.5,
    norms: normsAround,
    attentionSoftcap: readSoftcap(config, 'attn_logit_softcapping', 50),
    logitSoftcap: readSoftcap(config, 'final_logit_softcapping', 30),
    windows: readWindows(config, facts, readWindow(config, 4096), (block) => block % 2 === 0),
  };
});

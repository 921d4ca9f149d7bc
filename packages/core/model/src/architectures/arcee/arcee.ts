import { llamaKind } from '../llama/llama-decoder.js';
import { attentionBiases, readLlamaFacts } from '../llama/llama-facts.js';

/** Arcee's foundation models (2025): Llama with squared rectified units (So et al. 2021, arXiv 2109.08668) and no gate. */
export const arcee = llamaKind('Arcee', ['arcee'], (config) => ({
  ...readLlamaFacts(config, {
    contextLength: 4096,
    activation: 'relu2',
    epsilon: 1e-5,
    biases: { ...attentionBiases(config), feedForward: config.boolean('mlp_bias', false) },
  }),
  gate: 'none',
}));

import { llamaKind } from '../llama/llama-decoder.js';
import { readLlamaFacts } from '../llama/llama-facts.js';

/** Gemma (Mesnard et al. 2024, arXiv 2403.08295): scaled embeddings, gains stored as their distance from 1. */
export const gemma = llamaKind('Gemma', ['gemma'], (config) => {
  const facts = readLlamaFacts(config, {
    keyValueHeads: 16,
    headSize: 256,
    contextLength: 8192,
    tied: true,
    activation: 'gelu_pytorch_tanh',
  });
  return {
    ...facts,
    // The first files said "gelu" and meant its approximation.
    activation: facts.activation === 'gelu' ? 'gelu_pytorch_tanh' : facts.activation,
    norm: { ...facts.norm, gainOffset: 1 },
    embeddingScale: Math.fround(Math.sqrt(facts.hiddenSize)),
  };
});

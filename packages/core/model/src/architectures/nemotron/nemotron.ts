import { llamaKind } from '../llama/llama-decoder.js';
import { attentionBiases, readLlamaFacts } from '../llama/llama-facts.js';

/** Nemotron-4 and Minitron (Parmar et al. 2024, arXiv 2402.16819): layer norms whose gains are stored as distances from 1, squared rectified units and no gate, half of each head turned. */
export const nemotron = llamaKind('Nemotron', ['nemotron'], (config) => {
  const facts = readLlamaFacts(config, {
    ...{ contextLength: 4096, epsilon: 1e-5, epsilonField: 'norm_eps', activation: 'relu2', turned: 0.5 },
    biases: { ...attentionBiases(config), feedForward: config.boolean('mlp_bias', false) },
  });
  return {
    ...facts,
    norm: { by: 'deviation', epsilon: facts.norm.epsilon, gainOffset: 1, bias: true },
    gate: 'none',
  };
});

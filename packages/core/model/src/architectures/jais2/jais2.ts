import { llamaKind } from '../llama/llama-decoder.js';
import { readLlamaFacts } from '../llama/llama-facts.js';

/** Jais 2 (Inception and MBZUAI 2025): Llama with layer norms, biases, squared rectified units and no gate. */
export const jais2 = llamaKind('Jais 2', ['jais2'], (config) => {
  const attention = config.boolean('attention_bias', true);
  const facts = readLlamaFacts(config, {
    ...{ contextLength: 8192, epsilon: 1e-5, epsilonField: 'layer_norm_eps', activation: 'relu2' },
    biases: { queryKeyValue: attention, output: attention, feedForward: config.boolean('mlp_bias', true) },
  });
  return { ...facts, norm: { by: 'deviation', epsilon: facts.norm.epsilon, bias: true }, gate: 'none' };
});

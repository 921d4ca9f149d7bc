import { llamaKind } from '../llama/llama-decoder.js';
import { readLlamaFacts } from '../llama/llama-facts.js';

/** StableLM (Bellagente et al. 2024, arXiv 2402.17834): Llama with layer norms and a quarter of each head turned. */
export const stableLm = llamaKind('StableLM', ['stablelm'], (config) => {
  const facts = readLlamaFacts(config, {
    ...{ keyValueHeads: 32, contextLength: 4096, epsilon: 1e-5, epsilonField: 'layer_norm_eps' },
    rotary: { fraction: { field: 'partial_rotary_factor', otherwise: 0.25, even: true } },
    biases: { queryKeyValue: config.boolean('use_qkv_bias', false), output: false, feedForward: false },
  });
  const { epsilon } = facts.norm;
  return {
    ...facts,
    norm: { by: 'deviation', epsilon, bias: true },
    parallel: config.boolean('use_parallel_residual', false),
    ...(config.boolean('qk_layernorm', false) && {
      queryKeyNorms: {
        of: 'modules',
        names: ['q_layernorm', 'k_layernorm'],
        form: { by: 'deviation', epsilon },
      },
    }),
  };
});

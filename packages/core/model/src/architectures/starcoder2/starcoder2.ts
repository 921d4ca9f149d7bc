import { llamaKind } from '../llama/llama-decoder.js';
import { readLlamaFacts } from '../llama/llama-facts.js';
import { readWindow, readWindows } from '../llama/windows.js';

/** StarCoder2 (Lozhkov et al. 2024, arXiv 2402.19173): layer norms, biases and a feed-forward without a gate. */
export const starcoder2 = llamaKind('StarCoder2', ['starcoder2'], (config) => {
  const bias = config.boolean('use_bias', true);
  const facts = readLlamaFacts(config, {
    ...{ keyValueHeads: 2, contextLength: 4096, tied: true, activation: 'gelu_pytorch_tanh' },
    ...{ epsilon: 1e-5, epsilonField: 'norm_epsilon' },
    biases: { queryKeyValue: bias, output: bias, feedForward: bias },
  });
  const window = config.has('sliding_window') ? readWindow(config, facts.contextLength) : undefined;
  return {
    ...facts,
    norm: { by: 'deviation', epsilon: facts.norm.epsilon, bias: true },
    gate: 'none',
    feedForwardNames: { up: 'c_fc', activation: 'act', down: 'c_proj' },
    windows: readWindows(config, facts, window, () => window !== undefined),
  };
});

import { llamaKind } from '../llama/llama-decoder.js';
import { readLlamaFacts } from '../llama/llama-facts.js';

/** ERNIE 4.5's dense models (Baidu 2025): Llama whose neighbouring dimensions are turned together. */
export const ernie45 = llamaKind('ERNIE 4.5', ['ernie4_5'], (config) => {
  const bias = config.boolean('use_bias', false);
  return {
    ...readLlamaFacts(config, {
      ...{ keyValueHeads: 2, headSize: 128, contextLength: 131072, theta: 500_000, tied: true, epsilon: 1e-5 },
      biases: { queryKeyValue: bias, output: bias, feedForward: bias },
    }),
    neighboursTurned: true,
  };
});

import { llamaKind } from '../llama/llama-decoder.js';
import { readLlamaFacts } from '../llama/llama-facts.js';

/** Seed-OSS (ByteDance 2025): Llama with biases of queries, keys and values. */
export const seedOss = llamaKind('Seed-OSS', ['seed_oss'], (config) =>
  readLlamaFacts(config, {
    keyValueHeads: 8,
    headSize: 128,
    contextLength: 524288,
    biases: {
      queryKeyValue: config.boolean('attention_bias', true),
      output: config.boolean('attention_out_bias', false),
      feedForward: config.boolean('mlp_bias', false),
    },
  }),
);

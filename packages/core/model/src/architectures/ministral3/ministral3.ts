import type { Config } from '../../checkpoint/config.js';
import { llamaKind } from '../llama/llama-decoder.js';
import { type LlamaFacts, noBiases, readLlamaFacts } from '../llama/llama-facts.js';
import { readWindow, readWindows } from '../llama/windows.js';

/** Ministral 3 (Mistral AI 2025): Mistral whose queries grow with the position beyond the original context. */
export const ministral3 = llamaKind('Ministral 3', ['ministral3'], (config) => {
  const facts = readLlamaFacts(config, {
    ...{ keyValueHeads: 8, headSize: 128, contextLength: 262144, epsilon: 1e-5, biases: noBiases },
    rotary: { absent },
  });
  const window = config.has('sliding_window') ? readWindow(config, facts.contextLength) : undefined;
  return {
    ...facts,
    windows: readWindows(config, facts, window, () => window !== undefined),
    queryGrowth: readQueryGrowth(config, facts.contextLength),
  };
});

const absent = {
  ...{ type: 'yarn', rope_theta: 1_000_000, factor: 16, original_max_position_embeddings: 16384 },
  ...{ beta_fast: 32, beta_slow: 1, mscale_all_dim: 1, mscale: 1, llama_4_scaling_beta: 0.1 },
};

function readQueryGrowth(config: Config, contextLength: number): LlamaFacts['queryGrowth'] {
  const section = config.section('rope_scaling') ?? config.section('rope_parameters');
  if (!section) return { by: absent.llama_4_scaling_beta, every: absent.original_max_position_embeddings };
  return {
    by: section.number('llama_4_scaling_beta'),
    every: section.integer('original_max_position_embeddings', contextLength),
  };
}

import { languageModelOf } from '../llama/language-model-of.js';
import { llamaKind } from '../llama/llama-decoder.js';
import { readMixture } from '../llama/mixture-facts.js';
import { readQwen35 } from './qwen3-5.js';

/** Qwen3.5's mixtures of experts: every block has one, and an expert more that every token is given to. */
export const qwen35Moe = llamaKind('Qwen3.5-MoE', ['qwen3_5_moe_text'], (config) => {
  const inner = config.integer('moe_intermediate_size', 512);
  const facts = readQwen35(config, { keyValueHeads: 2, feedForward: inner });
  const shared = config.integer('shared_expert_intermediate_size', 512);
  const blocks = facts.windows.map(() => true);
  return { ...facts, mixture: readMixture(config, blocks, { experts: 256, chosen: 8, inner, shared }) };
});

/** The language model of one that reads images too. */
export const qwen35MoeWithImages = languageModelOf('Qwen3.5-MoE', 'qwen3_5_moe', [qwen35Moe], { tied: false });

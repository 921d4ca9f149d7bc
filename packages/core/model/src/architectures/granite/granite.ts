import type { Config } from '../../checkpoint/config.js';
import { llamaKind } from '../llama/llama-decoder.js';
import { attentionBiases, type LlamaFacts, readLlamaFacts } from '../llama/llama-facts.js';

/** Granite 3 (IBM 2024): Llama with four multipliers, of embeddings, products of attention, residuals and logits. */
export const granite = llamaKind('Granite', ['granite'], readGraniteFacts);

export function readGraniteFacts(config: Config): LlamaFacts {
  return {
    ...readLlamaFacts(config, {
      contextLength: 2048,
      biases: { ...attentionBiases(config), feedForward: config.boolean('mlp_bias', false) },
    }),
    scale: config.number('attention_multiplier', 1, { above: 0 }),
    embeddingMultiplier: config.number('embedding_multiplier', 1),
    residualMultiplier: config.number('residual_multiplier', 1),
    logitDivisor: config.number('logits_scaling', 1, { above: 0 }),
  };
}

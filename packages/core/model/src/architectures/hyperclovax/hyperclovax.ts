import { granite } from '../granite/granite.js';
import { llamaKind } from '../llama/llama-decoder.js';

/** HyperCLOVA X SEED Think (NAVER 2025): Granite with norms behind attention and feed-forward too, whose logits are multiplied by what Granite divides by. */
export const hyperClovaX = llamaKind('HyperCLOVA X', ['hyperclovax'], (config) => {
  const { logitDivisor, ...facts } = granite.read(config);
  const around = config.boolean('use_post_norm', true);
  return {
    ...facts,
    logitMultiplier: logitDivisor,
    scale: config.number('attention_multiplier', facts.headSize ** -0.5),
    ...(around && {
      norms: {
        attention: { before: 'input_layernorm', behind: 'post_norm1' },
        feedForward: { before: 'post_attention_layernorm', behind: 'post_norm2' },
      },
    }),
  };
});

import { languageModelOf } from '../llama/language-model-of.js';
import { gemma3 } from './gemma3.js';

const sizes = {
  ...{ vocab_size: 262_208, hidden_size: 2304, intermediate_size: 9216 },
  ...{ num_hidden_layers: 26, num_attention_heads: 8 },
};

/** Gemma 3 from 4B on. It bounds no logits, whatever its section says. */
const whole = languageModelOf('Gemma 3', 'gemma3', [gemma3], { tied: true, fields: sizes });

export const gemma3WithImages: typeof whole = {
  ...whole,
  read: (config) => ({ ...whole.read(config), logitSoftcap: undefined }),
};

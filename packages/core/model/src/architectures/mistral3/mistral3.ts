import { languageModelOf } from '../llama/language-model-of.js';
import { ministral3 } from '../ministral3/ministral3.js';
import { mistral } from '../mistral/mistral.js';

/** Mistral Small 3.1 and Ministral 3 (Mistral AI 2025), which read images too. */
export const mistral3 = languageModelOf('Mistral 3', 'mistral3', [mistral, ministral3], { tied: true });

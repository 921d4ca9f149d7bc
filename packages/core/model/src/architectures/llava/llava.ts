import { languageModelOf } from '../llama/language-model-of.js';
import { llama } from '../llama/llama.js';
import { mistral } from '../mistral/mistral.js';
import { qwen2 } from '../qwen2/qwen2.js';

/** LLaVA (Liu et al. 2023, arXiv 2304.08485). */
export const llava = languageModelOf('LLaVA', 'llava', [llama, mistral, qwen2], { tied: false });

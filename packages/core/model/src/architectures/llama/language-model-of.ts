import { type Config, createConfig } from '../../checkpoint/config.js';
import type { Architecture } from '../architecture.js';
import { llamaKind } from './llama-decoder.js';
import type { LlamaFacts } from './llama-facts.js';

/**
 * The language model of a checkpoint that reads images too, whose config.json has a section `text_config`. The weights of what reads images are left out:
 * a text without images passes none of them.
 *
 * @param inner families that the section's model_type may name; the first where it names none
 * @param sizes what the section's class in transformers has where the file is silent
 */
export function languageModelOf(
  name: string,
  modelType: string,
  inner: Architecture<LlamaFacts>[],
  sizes: Record<string, number> = {},
): Architecture<LlamaFacts> {
  const read = (config: Config): LlamaFacts => {
    const section = config.section('text_config') ?? config.empty();
    const written = config.raw('text_config') as Record<string, unknown> | undefined;
    const text = createConfig({ ...sizes, ...written }, config.path, 'text_config.');
    const type = section.text('model_type', inner[0].modelTypes[0]);
    const found = inner.find(({ modelTypes }) => modelTypes.includes(type));
    if (!found)
      return section.refuse(
        'model_type',
        `and those that can be built here are ${inner.flatMap(({ modelTypes }) => modelTypes).join(', ')}`,
      );
    return { ...found.read(text), tied: config.boolean('tie_word_embeddings', true) };
  };
  return {
    ...llamaKind(`${name} (language model alone)`, [modelType], read, 'model.language_model.'),
    oldHead: 'language_model.lm_head.weight',
  };
}

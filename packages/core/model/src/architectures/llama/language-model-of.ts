import { type Config, createConfig } from '../../checkpoint/config.js';
import type { Architecture, ModelFacts } from '../architecture.js';
import { llamaKind } from './llama-decoder.js';
import type { LlamaFacts } from './llama-facts.js';

/** What holds where a file is silent: fields of the section, and whether the head is the embedding's table. Where it is not by default, the section may say that it is. */
interface Silent {
  tied: boolean;
  fields?: Record<string, number>;
}

/** What older files call the head's table. */
export const oldLanguageHead = 'language_model.lm_head.weight';

/**
 * The language model of a checkpoint that reads images too, whose config.json has a section `text_config`, or, in older files, the section's fields itself. The weights of what reads images are left out:
 * a text without images passes none of them.
 *
 * @param inner families that the section's model_type may name; the first where it names none
 */
export function languageModelOf(
  name: string,
  modelType: string,
  inner: Architecture<LlamaFacts>[],
  silent: Silent,
): Architecture<LlamaFacts> {
  const read = (config: Config) => readLanguageModel(config, inner, silent);
  return {
    ...llamaKind(`${name} (language model alone)`, [modelType], read, 'model.language_model.'),
    oldHead: oldLanguageHead,
  };
}

/** Its facts, as its own family reads them. */
export function readLanguageModel<Facts extends ModelFacts>(
  config: Config,
  inner: Architecture<Facts>[],
  silent: Silent,
): Facts {
  const section = config.section('text_config');
  const written = config.raw('text_config') as Record<string, unknown> | undefined;
  const text = section ? createConfig({ ...silent.fields, ...written }, config.path, 'text_config.') : config;
  const type = section?.text('model_type', inner[0].modelTypes[0]) ?? inner[0].modelTypes[0];
  const found = inner.find(({ modelTypes }) => modelTypes.includes(type));
  if (!found)
    return text.refuse(
      'model_type',
      `and those that can be built here are ${inner.flatMap(({ modelTypes }) => modelTypes).join(', ')}`,
    );
  const facts = found.read(text);
  const tied = config.boolean('tie_word_embeddings', silent.tied);
  return { ...facts, tied: tied || (!silent.tied && text.boolean('tie_word_embeddings', false)) };
}

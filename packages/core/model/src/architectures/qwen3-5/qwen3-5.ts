import type { Config } from '../../checkpoint/config.js';
import type { GatedDeltaShape } from '../../graph/gated-delta.js';
import { languageModelOf } from '../llama/language-model-of.js';
import { llamaKind } from '../llama/llama-decoder.js';
import { type LlamaDefaults, type LlamaFacts, readLlamaFacts } from '../llama/llama-facts.js';

/** A text without images has one position for time, height and width, by which parts of each head are turned: the usual turning. */
const rotary = {
  kinds: { mrope: 'default' },
  fraction: { field: 'partial_rotary_factor', otherwise: 0.25 },
};

/** Qwen3.5: three blocks of linear attention to one of gated attention. */
export const qwen35 = llamaKind('Qwen3.5', ['qwen3_5_text'], (config) => readQwen35(config));

/** The language model of a Qwen3.5 that reads images too. */
export const qwen35WithImages = languageModelOf('Qwen3.5', 'qwen3_5', [qwen35], { tied: false });

/** What all of them have. @param own where a relative's defaults are others */
export function readQwen35(config: Config, own: Partial<LlamaDefaults> = {}): LlamaFacts {
  const usual = { keyValueHeads: 4, headSize: 256, contextLength: 32768, rotary };
  const facts = readLlamaFacts(config, { ...usual, ...own });
  const norm = { ...facts.norm, gainOffset: 1 };
  return {
    ...facts,
    norm,
    queryKeyNorms: { of: 'heads' },
    gatedHeads: true,
    linearAttention: { blocks: linearBlocks(config, facts.windows.length), shape: readLinear(config, facts) },
  };
}

function readLinear(config: Config, { hiddenSize, activation, norm }: LlamaFacts): GatedDeltaShape {
  // It follows the convolution too.
  if (activation !== 'silu') config.refuse('hidden_act', 'and this family is built with silu');
  const keyHeads = config.integer('linear_num_key_heads', 16);
  const valueHeads = config.integer('linear_num_value_heads', 32);
  if (valueHeads % keyHeads !== 0)
    config.refuse('linear_num_value_heads', `and linear_num_key_heads ${keyHeads} does not divide it`);
  return {
    ...{ width: hiddenSize, keyHeads, valueHeads, epsilon: norm.epsilon },
    keySize: config.integer('linear_key_head_dim', 128),
    valueSize: config.integer('linear_value_head_dim', 128),
    kernel: config.integer('linear_conv_kernel_dim', 4),
  };
}

/** Which blocks have linear attention: as layer_types says, else all but every fourth. */
function linearBlocks(config: Config, blocks: number): boolean[] {
  const types = config.raw('layer_types');
  const every = config.integer('full_attention_interval', 4);
  if (types === undefined || types === null) return Array.from({ length: blocks }, (_, i) => (i + 1) % every !== 0);
  const known = ['linear_attention', 'full_attention'];
  if (!Array.isArray(types) || types.length !== blocks || !types.every((type) => known.includes(type)))
    config.refuse('layer_types', `and has to be a list of ${known.join(' and ')} for each of the ${blocks} blocks`);
  return (types as string[]).map((type) => type === 'linear_attention');
}

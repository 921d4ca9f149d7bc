import type { Config } from '../../checkpoint/config.js';
import { activationName } from '../../graph/activation.js';
import { alibiSlopes } from '../../graph/alibi.js';
import { type RotaryFrequencies, readRotary } from '../../graph/rotary-frequencies.js';
import type { ModelFacts } from '../architecture.js';
import { headSizeOf, sizeUnder } from '../sizes.js';

export interface FalconFacts extends ModelFacts {
  blocks: number;
  heads: number;
  /** The joined product holds queries, key and value of one of these after the other. */
  keyValueHeads: number;
  headSize: number;
  feedForward: number;
  activation: string;
  epsilon: number;
  biased: boolean;
  /** Attention and feed-forward have a norm of their own each, or share one, or come one after the other. */
  norms: 'two' | 'one' | 'sequential';
  /** None: linear biases of attention. */
  rotary?: RotaryFrequencies;
}

export function readFalcon(config: Config): FalconFacts {
  const hiddenSize = sizeUnder(config, ['hidden_size', 'n_embed'], 4544);
  const heads = sizeUnder(config, ['num_attention_heads', 'n_head'], 71);
  const headSize = headSizeOf(config, 'num_attention_heads', heads, hiddenSize);
  const contextLength = config.integer('max_position_embeddings', 2048);
  const newer = config.boolean('new_decoder_architecture', false);
  return {
    vocabularySize: config.integer('vocab_size', 65024),
    contextLength,
    hiddenSize,
    blocks: sizeUnder(config, ['num_hidden_layers', 'n_layer'], 32),
    heads,
    keyValueHeads: readKeyValueHeads(config, heads, newer),
    headSize,
    feedForward: config.integer('ffn_hidden_size', 4 * hiddenSize),
    activation: activationName(config, ['activation'], 'gelu'),
    epsilon: config.number('layer_norm_epsilon', 1e-5, { from: 0 }),
    biased: config.boolean('bias', false),
    norms: readNorms(config, newer),
    ...(!config.boolean('alibi', false) && { rotary: readRotary(config, headSize, contextLength) }),
    tied: config.boolean('tie_word_embeddings', true),
  };
}

function readKeyValueHeads(config: Config, heads: number, newer: boolean): number {
  if (!newer && config.boolean('multi_query', true)) return 1;
  const keyValueHeads = sizeUnder(config, ['num_kv_heads', 'n_head_kv'], heads);
  const field = config.has('num_kv_heads') ? 'num_kv_heads' : 'n_head_kv';
  if (heads % keyValueHeads !== 0) config.refuse(field, `and num_attention_heads ${heads} is no multiple of it`);
  if (!newer && keyValueHeads !== heads)
    config.refuse(field, `and without multi_query and new_decoder_architecture it is num_attention_heads, ${heads}`);
  return keyValueHeads;
}

function readNorms(config: Config, newer: boolean): FalconFacts['norms'] {
  const parallel = config.boolean('parallel_attn', true);
  if (newer && !parallel) config.refuse('parallel_attn', 'and new_decoder_architecture is parallel');
  if (!parallel) return 'sequential';
  const norms = config.integer('num_ln_in_parallel_attn', newer ? 2 : 1);
  if (norms > (newer ? 2 : 1))
    config.refuse(
      'num_ln_in_parallel_attn',
      `and has to be ${newer ? '1 or 2' : '1 without new_decoder_architecture'}`,
    );
  return norms === 2 ? 'two' : 'one';
}

/**
 * Linear biases as Falcon was trained with them: slope, position and their product each in bfloat16, and divided by √headSize, [heads x
 * contextLength]. Eager attention of transformers adds them twice, its default (sdpa) once, as here.
 */
export function roundedAlibi({ heads, headSize, contextLength }: FalconFacts): Float32Array {
  const slopes = alibiSlopes(heads).map(toBfloat16);
  return Float32Array.from({ length: heads * contextLength }, (_, i) => {
    const position = toBfloat16(i % contextLength);
    return toBfloat16(slopes[Math.floor(i / contextLength)] * position) / Math.sqrt(headSize);
  });
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The nearest bfloat16, the even one of two; finite numbers. */
function toBfloat16(x: number): number {
  float[0] = x;
  bits[0] = (bits[0] + 0x7fff + ((bits[0] >>> 16) & 1)) & 0xffff0000;
  return float[0];
}

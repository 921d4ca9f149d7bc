import type { Config } from '../../checkpoint/config.js';
import { activationName } from '../../graph/activation.js';
import type { GatedDeltaShape } from '../../graph/gated-delta.js';
import type { NormForm } from '../../graph/norm.js';
import { type RotaryFields, type RotaryFrequencies, readRotary } from '../../graph/rotary-frequencies.js';
import type { ModelFacts } from '../architecture.js';
import type { FeedForwardFacts } from './feed-forward.js';
import type { MixtureFacts } from './mixture.js';

/** What the decoders of Llama's kind are made of, and where they differ. */
export interface LlamaFacts extends ModelFacts, FeedForwardFacts {
  heads: number;
  keyValueHeads: number;
  headSize: number;
  norm: NormForm;
  rotary: RotaryFrequencies;
  /** Of the blocks that are marked, where these have other ones than the rest (Gemma 3). */
  otherRotary?: { frequencies: RotaryFrequencies; blocks: boolean[] };
  /** Which products have biases. */
  biases: { queryKeyValue: boolean; output: boolean; feedForward: boolean };
  /** By block: positions that a token sees, itself included; undefined where all. */
  windows: (number | undefined)[];
  /** Products of queries and keys are multiplied by this. */
  scale: number;
  /** Queries, keys and values are one product, `qkv_proj` (Phi-3). */
  joined?: boolean;
  /** Their numbers are held between this and its negative (OLMo's clip_qkv). */
  projectionBound?: number;
  queryKeyNorms?: QueryKeyNorms;
  /** Behind the turning, queries grow by `by` × ln(1 + how often `every` positions lie before them) (Ministral 3). */
  queryGrowth?: { by: number; every: number };
  /** Embeddings are multiplied by this in their module (Gemma: √hidden size). */
  embeddingScale?: number;
  /** They are multiplied by this behind it (Granite). */
  embeddingMultiplier?: number;
  /** They pass the last norm's module before the first block too (nanochat). */
  embeddingsNormed?: boolean;
  /** What attention and feed-forward add to the residual stream is multiplied by this (Granite). */
  residualMultiplier?: number;
  /** A block's norms by name. Default: `normsBefore`. */
  norms?: BlockNorms;
  /** Feed-forward starts from what attention starts from, its norm included, and both are added at once (Cohere). */
  parallel?: boolean;
  /** By block: whether queries and keys are turned by position (SmolLM3). Default: all are. */
  rotated?: boolean[];
  /** Pairs that are turned are neighbours (GLM), and not a dimension of each half. */
  neighboursTurned?: boolean;
  /** By block, where some have linear attention in place of attention (Qwen3.5). */
  linearAttention?: { blocks: boolean[]; shape: GatedDeltaShape };
  /** Queries' product gives a gate of what heads give beside each head's query (Qwen3.5). */
  gatedHeads?: boolean;
  /** Experts in place of one feed-forward. */
  mixture?: MixtureFacts;
  /** Each head has a number that its softmax takes for one more product, whose value is nothing (gpt-oss). */
  sinks?: boolean;
  attentionSoftcap?: number;
  logitSoftcap?: number;
  /** Logits are divided by this (Granite), or multiplied (Cohere), behind the head. */
  logitDivisor?: number;
  logitMultiplier?: number;
}

/** Norms of queries and keys. */
export interface QueryKeyNorms {
  /**
   * Head by head with one gain for all (`heads`: Qwen3) or a gain for each head (`own-gains`: Cohere), by a module for each head (`modules`: StableLM
   * 2), or all heads as one (`whole`: OLMo 2).
   */
  of: 'heads' | 'own-gains' | 'modules' | 'whole';
  /** Modules of queries and of keys. Default: q_norm and k_norm. */
  names?: [string, string];
  /** Default: as the block's norms. */
  form?: NormForm;
  /** Behind the turning by position (Hunyuan), and not before it. */
  behindRotation?: boolean;
}

/** The norms before and behind attention and feed-forward, those behind inside the residual, by the names of their modules. */
export interface BlockNorms {
  attention: { before?: string; behind?: string };
  feedForward: { before?: string; behind?: string };
}

export const normsBefore: BlockNorms = {
  attention: { before: 'input_layernorm' },
  feedForward: { before: 'post_attention_layernorm' },
};

/** OLMo 2's. */
export const normsBehind: BlockNorms = {
  attention: { behind: 'post_attention_layernorm' },
  feedForward: { behind: 'post_feedforward_layernorm' },
};

/** Gemma 2's. */
export const normsAround: BlockNorms = {
  attention: { before: 'input_layernorm', behind: 'post_attention_layernorm' },
  feedForward: { before: 'pre_feedforward_layernorm', behind: 'post_feedforward_layernorm' },
};

/** What a family's configuration class in transformers has where config.json is silent, and what its fields are called. */
export interface LlamaDefaults {
  keyValueHeads?: number;
  headSize?: number;
  contextLength: number;
  /** Of a family whose blocks have experts alone, and whose config.json says nothing else. */
  feedForward?: number;
  theta?: number;
  /** false: the family reads its own. */
  rotary?: false | Partial<RotaryFields>;
  tied?: boolean;
  activation?: string;
  /** Activations that the family has beside those that all may have. */
  activations?: string[];
  epsilon?: number;
  /** Default: rms_norm_eps. */
  epsilonField?: string;
  biases?: LlamaFacts['biases'];
  /** The share of a head's dimensions that is turned, where config.json may say it. Default: all, whatever it says. */
  turned?: number;
}

/** The fields that all of them share. */
export function readLlamaFacts(config: Config, defaults: LlamaDefaults): LlamaFacts {
  const hiddenSize = config.integer('hidden_size');
  const heads = config.integer('num_attention_heads');
  // An absent field has the family's default, while null means as many as heads.
  const keyValueHeads = config.integer(
    'num_key_value_heads',
    config.isNull('num_key_value_heads') ? heads : (defaults.keyValueHeads ?? heads),
  );
  if (heads % keyValueHeads !== 0)
    config.refuse('num_key_value_heads', `and num_attention_heads ${heads} is no multiple of it`);
  if (!config.has('head_dim') && !defaults.headSize && hiddenSize % heads !== 0)
    config.refuse('num_attention_heads', `and hidden_size ${hiddenSize} is no multiple of it`);
  // `vision` is of images alone.
  if (config.raw('use_bidirectional_attention') !== 'vision' && config.boolean('use_bidirectional_attention', false))
    config.refuse('use_bidirectional_attention', 'and only causal attention is built');
  const headSize = config.integer('head_dim', defaults.headSize ?? hiddenSize / heads);
  const positions = config.integer('max_position_embeddings', defaults.contextLength);
  const rotary: RotaryFrequencies =
    defaults.rotary === false
      ? { inverse: new Float32Array(0), scale: 1 }
      : readRotary(config, headSize, positions, {
          ...{ theta: 'rope_theta', otherwise: defaults.theta, ...defaults.rotary },
          ...(defaults.turned !== undefined && {
            fraction: { field: 'partial_rotary_factor', otherwise: defaults.turned },
          }),
        });
  const epsilon = config.number(defaults.epsilonField ?? 'rms_norm_eps', defaults.epsilon ?? 1e-6, { from: 0 });
  return {
    vocabularySize: config.integer('vocab_size'),
    contextLength: Math.min(positions, rotary.longest ?? positions),
    hiddenSize,
    heads,
    keyValueHeads,
    headSize,
    feedForward: config.integer('intermediate_size', defaults.feedForward),
    activation: activationName(config, ['hidden_act'], defaults.activation ?? 'silu', defaults.activations),
    norm: { by: 'root-mean-square', epsilon },
    rotary,
    tied: config.boolean('tie_word_embeddings', defaults.tied ?? false),
    biases: defaults.biases ?? attentionBiases(config),
    windows: new Array(config.integer('num_hidden_layers')).fill(undefined),
    scale: headSize ** -0.5,
  };
}

/** Biases where attention_bias decides over all of attention, which is usual. */
export function attentionBiases(config: Config): LlamaFacts['biases'] {
  const attention = config.boolean('attention_bias', false);
  return { queryKeyValue: attention, output: attention, feedForward: false };
}

export const noBiases: LlamaFacts['biases'] = { queryKeyValue: false, output: false, feedForward: false };

/** A bound on products or logits: `otherwise` where config.json does not say, none where it is null. */
export function readSoftcap(config: Config, field: string, otherwise?: number): number | undefined {
  if (config.isNull(field) || (otherwise === undefined && !config.has(field))) return undefined;
  const bound = config.number(field, otherwise);
  return bound > 0 ? bound : config.refuse(field, 'and a bound is a positive number, or null for none');
}

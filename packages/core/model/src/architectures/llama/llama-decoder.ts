import type { Config } from '../../checkpoint/config.js';
import { activationName } from '../../graph/activation.js';
import { type AttentionShape, attention, type CacheShape } from '../../graph/attention.js';
import type { Value } from '../../graph/graph-builder.js';
import { languageHead } from '../../graph/head.js';
import { type Building, blockOutput, embedding, linear } from '../../graph/module.js';
import { rmsNorm, rmsNormOfHeads } from '../../graph/norm.js';
import { createRotary, type Rotary } from '../../graph/rotary.js';
import { type RotaryFrequencies, readRotary } from '../../graph/rotary-frequencies.js';
import type { TokenInputs } from '../../graph/token-inputs.js';
import { type Architecture, blockLayer, type ModelFacts } from '../architecture.js';
import { feedForward } from './feed-forward.js';

/** What the decoders of Llama's kind are made of, and where they differ. */
export interface LlamaFacts extends ModelFacts {
  heads: number;
  keyValueHeads: number;
  headSize: number;
  feedForward: number;
  activation: string;
  epsilon: number;
  rotary: RotaryFrequencies;
  /** Of the blocks that are marked, where these have other ones than the rest (Gemma 3). */
  otherRotary?: { frequencies: RotaryFrequencies; blocks: boolean[] };
  /** Which products have biases. */
  biases: { queryKeyValue: boolean; output: boolean; feedForward: boolean };
  /** By block: positions that a token sees, itself included; undefined where all. */
  windows: (number | undefined)[];
  /** Products of queries and keys are multiplied by this. */
  scale: number;
  /** Queries and keys are normalized, head by head (Qwen3) or all heads as one (OLMo 2). */
  queryKeyNorms?: 'heads' | 'whole';
  /** Norms' gains are stored as their distance from this (Gemma: 1). */
  gainOffset?: number;
  /** Embeddings are multiplied by this in their module (Gemma: √hidden size). */
  embeddingScale?: number;
  /** They are multiplied by this behind it (Granite). */
  embeddingMultiplier?: number;
  /** What attention and feed-forward add to the residual stream is multiplied by this (Granite). */
  residualMultiplier?: number;
  /** Where attention and feed-forward have their norms: before them, after them and inside the residual (OLMo 2), or both (Gemma 2). Default: before. */
  norms?: 'before' | 'after' | 'both';
  /** By block: whether queries and keys are turned by position (SmolLM3). Default: all are. */
  rotated?: boolean[];
  /** Feed-forward: a gate and what it lets through from two products, from one (`fused`: GLM), or no gate (Arcee). Default: two. */
  gate?: 'own' | 'fused' | 'none';
  /** Pairs that are turned are neighbours (GLM), and not a dimension of each half. */
  neighboursTurned?: boolean;
  attentionSoftcap?: number;
  logitSoftcap?: number;
  /** Logits are divided by this, behind the head (Granite). */
  logitDivisor?: number;
}

export const llamaBase = 'model.';
export const llamaEmbeddingTensor = 'embed_tokens.weight';

/** The fields that all of them share. `defaults` are those of the family's configuration class in transformers. */
export function readLlamaFacts(
  config: Config,
  defaults: {
    keyValueHeads?: number;
    headSize?: number;
    contextLength: number;
    theta?: number;
    /** false: the family reads its own. */
    rotary?: false;
    tied?: boolean;
    activation?: string;
    epsilon?: number;
    biases?: LlamaFacts['biases'];
    /** The share of a head's dimensions that is turned, where config.json may say it. Default: all, whatever it says. */
    turned?: number;
  },
): LlamaFacts {
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
  if (config.boolean('use_bidirectional_attention', false))
    config.refuse('use_bidirectional_attention', 'and only causal attention is built');
  const headSize = config.integer('head_dim', defaults.headSize ?? hiddenSize / heads);
  const contextLength = config.integer('max_position_embeddings', defaults.contextLength);
  return {
    vocabularySize: config.integer('vocab_size'),
    contextLength,
    hiddenSize,
    heads,
    keyValueHeads,
    headSize,
    feedForward: config.integer('intermediate_size'),
    activation: activationName(config, ['hidden_act'], defaults.activation ?? 'silu'),
    epsilon: config.number('rms_norm_eps', defaults.epsilon ?? 1e-6, { from: 0 }),
    rotary:
      defaults.rotary === false
        ? { inverse: new Float32Array(0), scale: 1 }
        : readRotary(config, headSize, contextLength, {
            ...{ theta: 'rope_theta', otherwise: defaults.theta },
            ...(defaults.turned !== undefined && {
              fraction: { field: 'partial_rotary_factor', otherwise: defaults.turned },
            }),
          }),
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

/** The sliding window, in positions; `otherwise` where config.json does not say, none where it is null. */
export function readWindow(config: Config, otherwise: number): number | undefined {
  return config.isNull('sliding_window') ? undefined : config.integer('sliding_window', otherwise);
}

/**
 * The sliding window of each block (`slidingBlocks`). A window as long as the context is none.
 */
export function readWindows(
  config: Config,
  facts: LlamaFacts,
  window: number | undefined,
  slides: (block: number) => boolean,
): LlamaFacts['windows'] {
  return slidingBlocks(config, facts, slides).map((sliding) => {
    if (!sliding) return undefined;
    if (window === undefined)
      return config.refuse(
        'layer_types',
        'and there is no sliding window: sliding_window is null or use_sliding_window false',
      );
    return window < facts.contextLength ? window : undefined;
  });
}

/** Of each block whether its window slides: layer_types where config.json has them, else what `slides` says of the block. */
export function slidingBlocks(config: Config, facts: LlamaFacts, slides: (block: number) => boolean): boolean[] {
  const types = config.raw('layer_types');
  if (types !== undefined && !(Array.isArray(types) && types.length === facts.windows.length))
    config.refuse('layer_types', `and has to be a list with an entry for each of the ${facts.windows.length} blocks`);
  return facts.windows.map((_, i) => {
    const type = (types as unknown[] | undefined)?.[i];
    if (type !== undefined && type !== 'full_attention' && type !== 'sliding_attention')
      config.refuse('layer_types', 'and the kinds that can be built are full_attention and sliding_attention');
    return type === undefined ? slides(i) : type === 'sliding_attention';
  });
}

/** An architecture of Llama's kind from what is special about it. */
export function llamaKind(
  name: string,
  modelTypes: string[],
  read: (config: Config) => LlamaFacts,
): Architecture<LlamaFacts> {
  return {
    name,
    modelTypes,
    base: llamaBase,
    embeddingTensor: llamaEmbeddingTensor,
    read,
    body: buildBody,
    head: buildHead,
  };
}

function buildBody(b: Building, facts: LlamaFacts, inputs: TokenInputs, caches: CacheShape[]): Value {
  const { graph } = b;
  const { hiddenSize: width, gainOffset } = facts;
  const blocks = facts.windows.length;
  graph.enterLayer('embeddings');
  let x = embedding(b, `${llamaBase}embed_tokens`, inputs.ids, facts.vocabularySize, width, facts.embeddingScale);
  x = times(b, x, facts.embeddingMultiplier);
  const rotary = createRotary(b, inputs, facts.rotary, facts.neighboursTurned);
  const { otherRotary } = facts;
  const other = otherRotary && createRotary(b, inputs, otherRotary.frequencies);
  for (let i = 0; i < blocks; i++) {
    graph.enterLayer(blockLayer(i, blocks));
    x = block(b, facts, i, inputs, caches, otherRotary?.blocks[i] ? other! : rotary, x);
  }
  graph.enterLayer('final');
  return rmsNorm(b, `${llamaBase}norm`, x, width, facts.epsilon, gainOffset);
}

function block(
  b: Building,
  facts: LlamaFacts,
  index: number,
  inputs: TokenInputs,
  caches: CacheShape[],
  rotary: Rotary,
  residual: Value,
): Value {
  const { graph } = b;
  const { hiddenSize: width, heads, keyValueHeads, headSize, norms = 'before', epsilon, gainOffset, biases } = facts;
  const path = `${llamaBase}layers.${index}`;
  const norm = (name: string, x: Value) => rmsNorm(b, `${path}.${name}`, x, width, epsilon, gainOffset);
  const projection = (name: string, x: Value, n: number, normName?: string) => {
    const y = linear(b, `${path}.self_attn.${name}`, x, { from: width, to: n * headSize, bias: biases.queryKeyValue });
    if (!facts.queryKeyNorms || !normName) return y;
    const normPath = `${path}.self_attn.${normName}`;
    return facts.queryKeyNorms === 'heads'
      ? rmsNormOfHeads(b, normPath, y, n, headSize, epsilon, gainOffset)
      : rmsNorm(b, normPath, y, n * headSize, epsilon, gainOffset);
  };

  const x = norms === 'after' ? residual : norm('input_layernorm', residual);
  const query = projection('q_proj', x, heads, 'q_norm');
  const key = projection('k_proj', x, keyValueHeads, 'k_norm');
  const value = projection('v_proj', x, keyValueHeads);
  const form: AttentionShape = {
    heads,
    keyValueHeads,
    headSize,
    scale: facts.scale,
    window: facts.windows[index],
    softcap: facts.attentionSoftcap,
  };
  const turned = facts.rotated?.[index] === false ? undefined : rotary;
  const seen = attention(b, index, inputs, { query, key, value }, form, caches, turned);
  let attended = linear(b, `${path}.self_attn.o_proj`, seen, {
    from: heads * headSize,
    to: width,
    bias: biases.output,
  });
  if (norms !== 'before') attended = norm('post_attention_layernorm', attended);
  const middle = graph.node('Add', [residual, times(b, attended, facts.residualMultiplier)]);

  const before = { before: 'post_attention_layernorm', both: 'pre_feedforward_layernorm', after: undefined }[norms];
  let fed = feedForward(b, facts, `${path}.mlp`, before ? norm(before, middle) : middle);
  if (norms !== 'before') fed = norm('post_feedforward_layernorm', fed);
  return blockOutput(b, path, width, middle, times(b, fed, facts.residualMultiplier));
}

/** A value times a number of config.json, where the family has one. */
function times(b: Building, x: Value, factor: number | undefined): Value {
  if (factor === undefined || factor === 1) return x;
  return b.graph.node('Mul', [x, b.graph.numbers(`factor.${factor}`, Float32Array.of(factor), [])]);
}

function buildHead(b: Building, facts: LlamaFacts, hidden: Value): Value {
  const { tied, hiddenSize: width, vocabularySize, logitSoftcap, logitDivisor } = facts;
  const logits = languageHead(b, hidden, { tied, embedding: `${llamaBase}embed_tokens`, width, vocabularySize });
  if (logitDivisor !== undefined && logitDivisor !== 1) {
    const divisor = b.graph.numbers(`divisor.${logitDivisor}`, Float32Array.of(logitDivisor), []);
    return b.graph.node('Div', [logits, divisor]);
  }
  if (logitSoftcap === undefined) return logits;
  const cap = b.graph.numbers(`softcap.${logitSoftcap}`, Float32Array.of(logitSoftcap), []);
  return b.graph.node('Mul', [b.graph.node('Tanh', [b.graph.node('Div', [logits, cap])]), cap]);
}

import type { Config } from '../../checkpoint/config.js';
import { activation, activationName } from '../../graph/activation.js';
import type { Value } from '../../graph/graph-builder.js';
import { gatedProduct, residualMiddle, splitSites } from '../../graph/inside-block.js';
import { maskedHead } from '../../graph/masked-head.js';
import { type Building, blockOutput, embedding, linear } from '../../graph/module.js';
import { type NormForm, norm } from '../../graph/norm.js';
import { createRotary, type Rotary } from '../../graph/rotary.js';
import { type RotaryFrequencies, readRotaryByWindow } from '../../graph/rotary-frequencies.js';
import type { TokenInputs } from '../../graph/token-inputs.js';
import { type AttentionMask, twoWayAttention, twoWayMask } from '../../graph/two-way-attention.js';
import { type Architecture, blockLayer, type ModelFacts } from '../architecture.js';
import { encoderReads } from '../bert/bert-encoder.js';

interface ModernBertFacts extends ModelFacts {
  heads: number;
  feedForward: number;
  activation: string;
  headActivation: string;
  norm: NormForm;
  biases: { attention: boolean; feedForward: boolean; head: boolean; decoder: boolean };
  /** By block: whether its tokens see those nearby alone. */
  near: boolean[];
  /** How far away they may be, in positions. */
  reach: number;
  rotary: { full: RotaryFrequencies; sliding: RotaryFrequencies };
}

const base = 'model.';
const table = 'embeddings.tok_embeddings.weight';

/** ModernBERT (Warner et al. 2024, arXiv 2412.13663): norms before, gated feed-forwards, turned queries and keys, and blocks that see nearby tokens alone. */
export const modernBert: Architecture<ModernBertFacts> = {
  name: 'ModernBERT',
  modelTypes: ['modernbert'],
  base,
  embeddingTensor: table,
  read: readFacts,
  body(b, facts, inputs) {
    const { graph } = b;
    const { hiddenSize: width, near, rotary } = facts;
    graph.enterLayer('embeddings');
    let x = embedding(b, `${base}embeddings.tok_embeddings`, inputs.ids, facts.vocabularySize, width);
    x = norm(b, `${base}embeddings.norm`, x, width, facts.norm);
    const all = { mask: twoWayMask(b, inputs), rotary: createRotary(b, inputs, rotary.full) };
    const some = near.includes(true)
      ? { mask: twoWayMask(b, inputs, facts.reach), rotary: createRotary(b, inputs, rotary.sliding) }
      : all;
    for (const [i, isNear] of near.entries()) {
      graph.enterLayer(blockLayer(i, near.length));
      x = block(b, facts, i, inputs, isNear ? some : all, x);
    }
    graph.enterLayer('final');
    return norm(b, `${base}final_norm`, x, width, facts.norm);
  },
  encoder: { readOnly: encoderReads, headTensor: 'decoder.weight', head },
};

function head(b: Building, facts: ModernBertFacts, hidden: Value, rows: Value): void {
  const { hiddenSize: width, vocabularySize, headActivation, biases, tied } = facts;
  maskedHead(
    b,
    {
      names: { dense: 'head.dense', activation: 'head.act', norm: 'head.norm', decoder: 'decoder' },
      ...{ width, vocabularySize, activation: headActivation, norm: facts.norm },
      ...{ denseBias: biases.head, decoderBias: biases.decoder },
      ...(tied && { tied: base + table }),
    },
    hidden,
    rows,
  );
}

function block(
  b: Building,
  facts: ModernBertFacts,
  index: number,
  inputs: TokenInputs,
  { mask, rotary }: { mask: AttentionMask; rotary: Rotary },
  residual: Value,
): Value {
  const { graph } = b;
  const { hiddenSize: width, heads, feedForward: inner, biases } = facts;
  const path = `${base}layers.${index}`;
  // The embeddings' norm is the first block's.
  const x = index === 0 ? residual : norm(b, `${path}.attn_norm`, residual, width, facts.norm);
  const bias = biases.attention;
  const joined = linear(b, `${path}.attn.Wqkv`, x, { from: width, to: 3 * width, bias });
  const widths = [width, width, width];
  const parts = graph.nodes('Split', [joined, graph.shape(widths)], 3, { axis: -1 });
  const [query, key, value] = splitSites(b, `${path}.attn`, parts, widths);
  const form = {
    ...{ module: `${path}.attn`, heads, headSize: width / heads, mask },
    ...{ output: { path: `${path}.attn.Wo`, width }, contextLength: facts.contextLength },
  };
  const seen = twoWayAttention(b, inputs, { query, key, value }, form, rotary);
  const attended = linear(b, `${path}.attn.Wo`, seen, { from: width, to: width, bias });
  const middle = residualMiddle(b, path, width, graph.node('Add', [residual, attended]));
  const y = norm(b, `${path}.mlp_norm`, middle, width, facts.norm);
  const both = linear(b, `${path}.mlp.Wi`, y, { from: width, to: 2 * inner, bias: biases.feedForward });
  const [shut, through] = graph.nodes('Split', [both, graph.shape([inner, inner])], 2, { axis: -1 });
  const open = activation(b, `${path}.mlp.act`, facts.activation, shut, inner);
  const down = linear(b, `${path}.mlp.Wo`, gatedProduct(b, `${path}.mlp`, inner, open, through), {
    ...{ from: inner, to: width, bias: biases.feedForward },
  });
  return blockOutput(b, path, width, middle, down);
}

function readFacts(config: Config): ModernBertFacts {
  const hiddenSize = config.integer('hidden_size', 768);
  const heads = config.integer('num_attention_heads', 12);
  if (hiddenSize % heads !== 0)
    config.refuse('num_attention_heads', `and hidden_size ${hiddenSize} is no multiple of it`);
  if (config.has('rope_scaling')) config.refuse('rope_scaling', 'and rope_parameters says it for this family');
  const contextLength = config.integer('max_position_embeddings', 8192);
  const epsilon = config.number('norm_eps', 1e-5, { from: 0 });
  return {
    vocabularySize: config.integer('vocab_size', 50368),
    contextLength,
    hiddenSize,
    heads,
    feedForward: config.integer('intermediate_size', 1152),
    activation: activationName(config, ['hidden_activation'], 'gelu'),
    headActivation: activationName(config, ['classifier_activation'], 'gelu'),
    norm: { by: 'deviation', epsilon, bias: config.boolean('norm_bias', false) },
    biases: {
      attention: config.boolean('attention_bias', false),
      feedForward: config.boolean('mlp_bias', false),
      head: config.boolean('classifier_bias', false),
      decoder: config.boolean('decoder_bias', true),
    },
    near: nearBlocks(config),
    reach: Math.floor(config.integer('local_attention', 128) / 2),
    rotary: readRotaryByWindow(config, hiddenSize / heads, contextLength, {
      full: { theta: 'global_rope_theta', otherwise: 160_000 },
      sliding: { theta: 'local_rope_theta', otherwise: 10_000 },
    }),
    tied: config.boolean('tie_word_embeddings', true),
  };
}

function nearBlocks(config: Config): boolean[] {
  const blocks = config.integer('num_hidden_layers', 22);
  const every = config.integer('global_attn_every_n_layers', 3);
  const types = config.raw('layer_types');
  if (types === undefined) return Array.from({ length: blocks }, (_, i) => i % every !== 0);
  const known = ['full_attention', 'sliding_attention'];
  if (!Array.isArray(types) || types.length !== blocks || !types.every((type) => known.includes(type)))
    config.refuse('layer_types', `and has to be a list of ${known.join(' and ')} for each of the ${blocks} blocks`);
  return (types as string[]).map((type) => type === 'sliding_attention');
}

import type { Config } from '../../checkpoint/config.js';
import { activation, activationName } from '../../graph/activation.js';
import { attention } from '../../graph/attention.js';
import type { Value } from '../../graph/graph-builder.js';
import { languageHead } from '../../graph/head.js';
import { residualMiddle } from '../../graph/inside-block.js';
import { type Building, blockOutput, embedding, linear } from '../../graph/module.js';
import { layerNorm } from '../../graph/norm.js';
import { type Architecture, blockLayer, type ModelFacts } from '../architecture.js';

interface OptFacts extends ModelFacts {
  blocks: number;
  heads: number;
  feedForward: number;
  /** Width of the embedding table, which OPT-350M projects to the hidden size and back. */
  embeddingSize: number;
  activation: string;
  /** Norm before attention and feed-forward (all but OPT-350M), or after them and their residual. */
  normFirst: boolean;
  finalNorm: boolean;
  /** Undefined where config.json does not say. */
  biased?: boolean;
  gains?: boolean;
}

const base = 'model.decoder.';
/** Learned positions start at 2: fairseq kept two rows for padding. */
const positionOffset = 2;
const epsilon = 1e-5;

/**
 * OPT (Zhang et al. 2022, arXiv 2205.01068) and Galactica (Taylor et al. 2022, arXiv 2211.09085). Where config.json does not say
 * whether there are biases, or gains of norms, the first block of the checkpoint does.
 */
export const opt: Architecture<OptFacts> = {
  name: 'OPT',
  modelTypes: ['opt'],
  base,
  embeddingTensor: 'embed_tokens.weight',
  read(config: Config): OptFacts {
    const hiddenSize = config.integer('hidden_size');
    const heads = config.integer('num_attention_heads');
    if (hiddenSize % heads !== 0)
      config.refuse('num_attention_heads', `and hidden_size ${hiddenSize} is no multiple of it`);
    const normFirst = config.boolean('do_layer_norm_before', true);
    return {
      vocabularySize: config.integer('vocab_size'),
      contextLength: config.integer('max_position_embeddings', 2048),
      hiddenSize,
      blocks: config.integer('num_hidden_layers'),
      heads,
      feedForward: config.integer('ffn_dim'),
      embeddingSize: config.integer('word_embed_proj_dim', hiddenSize),
      activation: activationName(config, ['activation_function'], 'relu'),
      normFirst,
      finalNorm: normFirst && !config.boolean('_remove_final_layer_norm', false),
      biased: stated(config, 'enable_bias'),
      gains: stated(config, 'layer_norm_elementwise_affine'),
      tied: config.boolean('tie_word_embeddings', true),
    };
  },
  body(b, read, inputs, caches) {
    const { graph } = b;
    const first = `${base}layers.0`;
    const facts = {
      ...read,
      biased: read.biased ?? linears.some((name) => b.tensors.has(`${first}.${name}.bias`)),
      gains:
        read.gains ??
        norms.some((name) => ['weight', 'bias'].some((part) => b.tensors.has(`${first}.${name}.${part}`))),
    };
    const width = facts.hiddenSize;
    graph.enterLayer('embeddings');
    const tokens = embedding(b, `${base}embed_tokens`, inputs.ids, facts.vocabularySize, facts.embeddingSize);
    const offset = graph.numbers('position-offset', BigInt64Array.of(BigInt(positionOffset)), [1]);
    const places = graph.node('Add', [inputs.positions, offset]);
    const positions = embedding(b, `${base}embed_positions`, places, facts.contextLength + positionOffset, width);
    const projected =
      facts.embeddingSize === width
        ? tokens
        : linear(b, `${base}project_in`, tokens, { from: facts.embeddingSize, to: width, bias: false });
    let x = graph.node('Add', [projected, positions]);
    for (let i = 0; i < facts.blocks; i++) {
      graph.enterLayer(blockLayer(i, facts.blocks));
      x = block(b, facts, i, x, (query, key, value) => {
        const headSize = width / facts.heads;
        const module = `${base}layers.${i}.self_attn`;
        const form = {
          ...{ module, output: { path: `${module}.out_proj`, width }, contextLength: facts.contextLength },
          ...{ heads: facts.heads, keyValueHeads: facts.heads, headSize, scale: headSize ** -0.5 },
        };
        return attention(b, i, inputs, { query, key, value }, form, caches);
      });
    }
    graph.enterLayer('final');
    if (facts.finalNorm) x = layerNorm(b, `${base}final_layer_norm`, x, width, epsilon, { plain: !facts.gains });
    return facts.embeddingSize === width
      ? x
      : linear(b, `${base}project_out`, x, { from: width, to: facts.embeddingSize, bias: false });
  },
  head: (b, facts, hidden) =>
    languageHead(b, hidden, {
      tied: facts.tied,
      embedding: `${base}embed_tokens`,
      width: facts.embeddingSize,
      vocabularySize: facts.vocabularySize,
    }),
};

const linears = ['q_proj', 'k_proj', 'v_proj', 'out_proj'].map((name) => `self_attn.${name}`).concat('fc1', 'fc2');
const norms = ['self_attn_layer_norm', 'final_layer_norm'];

const stated = (config: Config, field: string) => (config.has(field) ? config.boolean(field, true) : undefined);

type Attend = (query: Value, key: Value, value: Value) => Value;

function block(b: Building, facts: OptFacts, index: number, residual: Value, attend: Attend): Value {
  const { graph } = b;
  const { hiddenSize: width, normFirst } = facts;
  const path = `${base}layers.${index}`;
  const norm = (name: string, x: Value) => layerNorm(b, `${path}.${name}`, x, width, epsilon, { plain: !facts.gains });
  const project = (name: string, x: Value, from: number, to: number) =>
    linear(b, `${path}.${name}`, x, { from, to, bias: facts.biased ?? true });

  const x = normFirst ? norm('self_attn_layer_norm', residual) : residual;
  const query = project('self_attn.q_proj', x, width, width);
  const key = project('self_attn.k_proj', x, width, width);
  const value = project('self_attn.v_proj', x, width, width);
  const attended = project('self_attn.out_proj', attend(query, key, value), width, width);
  let middle = residualMiddle(b, path, width, graph.node('Add', [residual, attended]));
  if (!normFirst) middle = norm('self_attn_layer_norm', middle);

  const y = normFirst ? norm('final_layer_norm', middle) : middle;
  const wide = project('fc1', y, width, facts.feedForward);
  const active = activation(b, `${path}.activation_fn`, facts.activation, wide, facts.feedForward);
  const narrow = project('fc2', active, facts.feedForward, width);
  if (normFirst) return blockOutput(b, path, width, middle, narrow);
  return graph.site(path, 'block', width, norm('final_layer_norm', graph.node('Add', [middle, narrow])));
}

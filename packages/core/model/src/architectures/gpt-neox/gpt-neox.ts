import type { Config } from '../../checkpoint/config.js';
import { activation, activationName } from '../../graph/activation.js';
import { attention } from '../../graph/attention.js';
import type { Value } from '../../graph/graph-builder.js';
import { languageHead } from '../../graph/head.js';
import { residualMiddle, splitSites } from '../../graph/inside-block.js';
import { splitByGroup } from '../../graph/joined-projection.js';
import { type Building, blockOutput, embedding, linear } from '../../graph/module.js';
import { layerNorm } from '../../graph/norm.js';
import { createRotary } from '../../graph/rotary.js';
import { type RotaryFrequencies, readRotary } from '../../graph/rotary-frequencies.js';
import { type Architecture, blockLayer, type ModelFacts } from '../architecture.js';

interface GptNeoXFacts extends ModelFacts {
  blocks: number;
  heads: number;
  feedForward: number;
  activation: string;
  epsilon: number;
  rotary: RotaryFrequencies;
  /** Attention and feed-forward both start from the block's input, or one after the other. */
  parallel: boolean;
  /** Of the products around attention; those of the feed-forward part always have biases. */
  attentionBias: boolean;
}

const base = 'gpt_neox.';

/** GPT-NeoX (Black et al. 2022, arXiv 2204.06745) and Pythia (Biderman et al. 2023): a quarter of each head is turned. */
export const gptNeoX: Architecture<GptNeoXFacts> = {
  name: 'GPT-NeoX',
  modelTypes: ['gpt_neox'],
  base,
  embeddingTensor: 'embed_in.weight',
  oldHead: 'embed_out.weight',
  read(config: Config): GptNeoXFacts {
    const hiddenSize = config.integer('hidden_size');
    const heads = config.integer('num_attention_heads');
    if (hiddenSize % heads !== 0)
      config.refuse('num_attention_heads', `and hidden_size ${hiddenSize} is no multiple of it`);
    if (config.integer('head_dim', hiddenSize / heads) !== hiddenSize / heads)
      config.refuse('head_dim', `and hidden_size and num_attention_heads make it ${hiddenSize / heads}`);
    const contextLength = config.integer('max_position_embeddings', 2048);
    return {
      vocabularySize: config.integer('vocab_size'),
      contextLength,
      hiddenSize,
      blocks: config.integer('num_hidden_layers'),
      heads,
      feedForward: config.integer('intermediate_size'),
      activation: activationName(config, ['hidden_act'], 'gelu'),
      epsilon: config.number('layer_norm_eps', 1e-5, { from: 0 }),
      rotary: readRotary(config, hiddenSize / heads, contextLength, {
        theta: 'rotary_emb_base',
        fraction: { field: 'rotary_pct', otherwise: 0.25 },
      }),
      parallel: config.boolean('use_parallel_residual', true),
      attentionBias: config.boolean('attention_bias', true),
      tied: config.boolean('tie_word_embeddings', false),
    };
  },
  body(b, facts, inputs, caches) {
    const { graph } = b;
    const { hiddenSize: width, heads } = facts;
    const headSize = width / heads;
    const shape = { heads, keyValueHeads: heads, headSize, scale: headSize ** -0.5 };
    graph.enterLayer('embeddings');
    let x = embedding(b, `${base}embed_in`, inputs.ids, facts.vocabularySize, width);
    const rotary = createRotary(b, inputs, facts.rotary);
    for (let i = 0; i < facts.blocks; i++) {
      graph.enterLayer(blockLayer(i, facts.blocks));
      const path = `${base}layers.${i}`;
      const module = `${path}.attention`;
      const { contextLength } = facts;
      const form = { ...shape, module, output: { path: `${module}.dense`, width }, contextLength };
      x = block(b, facts, path, x, (joined) => {
        const parts = splitByGroup(b, joined, heads, [headSize, headSize, headSize]);
        const [query, key, value] = splitSites(b, module, parts, [width, width, width]);
        return attention(b, i, inputs, { query, key, value }, form, caches, rotary);
      });
    }
    graph.enterLayer('final');
    return layerNorm(b, `${base}final_layer_norm`, x, width, facts.epsilon);
  },
  head: (b, { tied, hiddenSize, vocabularySize }, hidden) =>
    languageHead(b, hidden, { tied, embedding: `${base}embed_in`, width: hiddenSize, vocabularySize }),
};

function block(
  b: Building,
  { hiddenSize: width, feedForward, epsilon, activation: name, parallel, attentionBias: bias }: GptNeoXFacts,
  path: string,
  residual: Value,
  attend: (joined: Value) => Value,
): Value {
  const x = layerNorm(b, `${path}.input_layernorm`, residual, width, epsilon);
  const joined = linear(b, `${path}.attention.query_key_value`, x, { from: width, to: 3 * width, bias });
  const attended = linear(b, `${path}.attention.dense`, attend(joined), { from: width, to: width, bias });
  const sum = b.graph.node('Add', [residual, attended]);
  // Where both start from the block's input, nothing lies between them.
  const middle = parallel ? sum : residualMiddle(b, path, width, sum);
  const y = layerNorm(b, `${path}.post_attention_layernorm`, parallel ? residual : middle, width, epsilon);
  const wide = linear(b, `${path}.mlp.dense_h_to_4h`, y, { from: width, to: feedForward, bias: true });
  const active = activation(b, `${path}.mlp.act`, name, wide, feedForward);
  const narrow = linear(b, `${path}.mlp.dense_4h_to_h`, active, { from: feedForward, to: width, bias: true });
  return blockOutput(b, path, width, middle, narrow);
}

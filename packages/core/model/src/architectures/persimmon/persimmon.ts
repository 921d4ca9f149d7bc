import { activationName } from '../../graph/activation.js';
import { attention } from '../../graph/attention.js';
import { languageHead } from '../../graph/head.js';
import { residualMiddle, splitSites } from '../../graph/inside-block.js';
import { splitByGroup } from '../../graph/joined-projection.js';
import { blockOutput, embedding, linear } from '../../graph/module.js';
import { layerNorm, normOfHeads } from '../../graph/norm.js';
import { createRotary } from '../../graph/rotary.js';
import { type RotaryFrequencies, readRotary } from '../../graph/rotary-frequencies.js';
import { twoLayers } from '../../graph/two-layers.js';
import { type Architecture, blockLayer, type ModelFacts } from '../architecture.js';
import { headSizeOf } from '../sizes.js';

interface PersimmonFacts extends ModelFacts {
  blocks: number;
  heads: number;
  headSize: number;
  feedForward: number;
  activation: string;
  epsilon: number;
  rotary: RotaryFrequencies;
  queryKeyNorms: boolean;
}

const base = 'model.';

/** Persimmon (Adept 2023): squared ReLU, queries and keys normalized head by head, half of each head turned. */
export const persimmon: Architecture<PersimmonFacts> = {
  name: 'Persimmon',
  modelTypes: ['persimmon'],
  base,
  embeddingTensor: 'embed_tokens.weight',
  read(config) {
    const hiddenSize = config.integer('hidden_size', 4096);
    const heads = config.integer('num_attention_heads', 64);
    const headSize = headSizeOf(config, 'num_attention_heads', heads, hiddenSize);
    const contextLength = config.integer('max_position_embeddings', 16384);
    return {
      vocabularySize: config.integer('vocab_size', 262144),
      contextLength,
      hiddenSize,
      blocks: config.integer('num_hidden_layers', 36),
      heads,
      headSize,
      feedForward: config.integer('intermediate_size', 16384),
      activation: activationName(config, ['hidden_act'], 'relu2'),
      epsilon: config.number('layer_norm_eps', 1e-5, { from: 0 }),
      rotary: readRotary(config, headSize, contextLength, {
        theta: 'rope_theta',
        fraction: { field: 'partial_rotary_factor', otherwise: 0.5, even: true },
      }),
      queryKeyNorms: config.boolean('qk_layernorm', true),
      tied: config.boolean('tie_word_embeddings', false),
    };
  },
  body(b, facts, inputs, caches) {
    const { graph } = b;
    const { hiddenSize: width, heads, headSize, epsilon, blocks, contextLength } = facts;
    const shape = { heads, keyValueHeads: heads, headSize, scale: headSize ** -0.5, contextLength };
    graph.enterLayer('embeddings');
    let x = embedding(b, `${base}embed_tokens`, inputs.ids, facts.vocabularySize, width);
    const rotary = createRotary(b, inputs, facts.rotary);
    for (let i = 0; i < blocks; i++) {
      graph.enterLayer(blockLayer(i, blocks));
      const path = `${base}layers.${i}`;
      const module = `${path}.self_attn`;
      const before = layerNorm(b, `${path}.input_layernorm`, x, width, epsilon);
      const joined = linear(b, `${module}.query_key_value`, before, { from: width, to: 3 * width, bias: true });
      const parts = splitByGroup(b, joined, heads, [headSize, headSize, headSize]);
      let [query, key, value] = splitSites(b, module, parts, [width, width, width]);
      if (facts.queryKeyNorms) {
        const norm = { by: 'deviation', epsilon, bias: true } as const;
        query = normOfHeads(b, `${module}.q_layernorm`, query, heads, headSize, norm);
        key = normOfHeads(b, `${module}.k_layernorm`, key, heads, headSize, norm);
      }
      const form = { ...shape, module, output: { path: `${module}.dense`, width } };
      const seen = attention(b, i, inputs, { query, key, value }, form, caches, rotary);
      const attended = linear(b, `${module}.dense`, seen, { from: width, to: width, bias: true });
      const middle = residualMiddle(b, path, width, graph.node('Add', [x, attended]));
      const fed = twoLayers(b, layerNorm(b, `${path}.post_attention_layernorm`, middle, width, epsilon), {
        ...{ width, inner: facts.feedForward, activation: facts.activation, bias: true },
        ...{ up: `${path}.mlp.dense_h_to_4h`, act: `${path}.mlp.act`, down: `${path}.mlp.dense_4h_to_h` },
      });
      x = blockOutput(b, path, width, middle, fed);
    }
    graph.enterLayer('final');
    return layerNorm(b, `${base}final_layernorm`, x, width, epsilon);
  },
  head: (b, { tied, hiddenSize, vocabularySize }, hidden) =>
    languageHead(b, hidden, { tied, embedding: `${base}embed_tokens`, width: hiddenSize, vocabularySize }),
};

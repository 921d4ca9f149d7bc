import { activationName } from '../../graph/activation.js';
import { attention } from '../../graph/attention.js';
import { languageHead } from '../../graph/head.js';
import { blockOutput, embedding, linear } from '../../graph/module.js';
import { layerNorm, type NormForm, normOfHeads } from '../../graph/norm.js';
import { createRotary } from '../../graph/rotary.js';
import { type RotaryFrequencies, readRotary } from '../../graph/rotary-frequencies.js';
import { twoLayers } from '../../graph/two-layers.js';
import { type Architecture, blockLayer, type ModelFacts } from '../architecture.js';

interface PhiFacts extends ModelFacts {
  blocks: number;
  heads: number;
  keyValueHeads: number;
  headSize: number;
  feedForward: number;
  activation: string;
  epsilon: number;
  rotary: RotaryFrequencies;
  queryKeyNorms: boolean;
}

const base = 'model.';

/** Phi-1, 1.5 and 2 (Gunasekar et al. 2023, arXiv 2306.11644): half of each head is turned, attention and feed-forward start from one norm. */
export const phi: Architecture<PhiFacts> = {
  name: 'Phi',
  modelTypes: ['phi'],
  base,
  embeddingTensor: 'embed_tokens.weight',
  read(config) {
    const hiddenSize = config.integer('hidden_size', 2048);
    const heads = config.integer('num_attention_heads', 32);
    const keyValueHeads = config.integer('num_key_value_heads', heads);
    if (heads % keyValueHeads !== 0)
      config.refuse('num_key_value_heads', `and num_attention_heads ${heads} is no multiple of it`);
    if (!config.has('head_dim') && hiddenSize % heads !== 0)
      config.refuse('num_attention_heads', `and hidden_size ${hiddenSize} is no multiple of it`);
    const headSize = config.integer('head_dim', hiddenSize / heads);
    const contextLength = config.integer('max_position_embeddings', 2048);
    return {
      vocabularySize: config.integer('vocab_size', 51200),
      contextLength,
      hiddenSize,
      blocks: config.integer('num_hidden_layers', 24),
      heads,
      keyValueHeads,
      headSize,
      feedForward: config.integer('intermediate_size', 8192),
      activation: activationName(config, ['hidden_act'], 'gelu_new'),
      epsilon: config.number('layer_norm_eps', 1e-5, { from: 0 }),
      rotary: readRotary(config, headSize, contextLength, {
        theta: 'rope_theta',
        fraction: { field: 'partial_rotary_factor', otherwise: 0.5, even: true },
      }),
      queryKeyNorms: config.boolean('qk_layernorm', false),
      tied: config.boolean('tie_word_embeddings', false),
    };
  },
  body(b, facts, inputs, caches) {
    const { graph } = b;
    const { hiddenSize: width, heads, keyValueHeads, headSize, epsilon, blocks } = facts;
    const shape = { heads, keyValueHeads, headSize, scale: headSize ** -0.5, contextLength: facts.contextLength };
    graph.enterLayer('embeddings');
    let x = embedding(b, `${base}embed_tokens`, inputs.ids, facts.vocabularySize, width);
    const rotary = createRotary(b, inputs, facts.rotary);
    for (let i = 0; i < blocks; i++) {
      graph.enterLayer(blockLayer(i, blocks));
      const path = `${base}layers.${i}`;
      const own = `${path}.self_attn`;
      const normed = layerNorm(b, `${path}.input_layernorm`, x, width, epsilon);
      const part = (name: string, n: number) =>
        linear(b, `${own}.${name}_proj`, normed, { from: width, to: n * headSize, bias: true });
      let query = part('q', heads);
      let key = part('k', keyValueHeads);
      const value = part('v', keyValueHeads);
      if (facts.queryKeyNorms) {
        const norm: NormForm = { by: 'deviation', epsilon, bias: true };
        query = normOfHeads(b, `${own}.q_layernorm`, query, heads, headSize, norm);
        key = normOfHeads(b, `${own}.k_layernorm`, key, keyValueHeads, headSize, norm);
      }
      const form = { ...shape, module: own, output: { path: `${own}.dense`, width } };
      const seen = attention(b, i, inputs, { query, key, value }, form, caches, rotary);
      const attended = linear(b, `${own}.dense`, seen, { from: heads * headSize, to: width, bias: true });
      const fed = twoLayers(b, normed, {
        ...{ width, inner: facts.feedForward, activation: facts.activation, bias: true },
        ...{ up: `${path}.mlp.fc1`, act: `${path}.mlp.activation_fn`, down: `${path}.mlp.fc2` },
      });
      x = blockOutput(b, path, width, graph.node('Add', [x, attended]), fed);
    }
    graph.enterLayer('final');
    return layerNorm(b, `${base}final_layernorm`, x, width, epsilon);
  },
  head: (b, { tied, hiddenSize, vocabularySize }, hidden) =>
    languageHead(b, hidden, { tied, embedding: `${base}embed_tokens`, width: hiddenSize, vocabularySize, bias: true }),
};

import type { Config } from '../../checkpoint/config.js';
import { activation, activationName } from '../../graph/activation.js';
import { attention } from '../../graph/attention.js';
import type { Value } from '../../graph/graph-builder.js';
import { languageHead } from '../../graph/head.js';
import { residualMiddle, splitSites } from '../../graph/inside-block.js';
import { type Building, blockOutput, embedding, linearTransposed } from '../../graph/module.js';
import { layerNorm } from '../../graph/norm.js';
import { type Architecture, blockLayer, type ModelFacts } from '../architecture.js';
import { sizeUnder } from '../sizes.js';

interface Gpt2Facts extends ModelFacts {
  blocks: number;
  heads: number;
  feedForward: number;
  activation: string;
  epsilon: number;
  /** Products of queries and keys are divided by √headSize. */
  scaled: boolean;
  /** And by the block's number from 1, as Mistral's GPT-2 runs were trained. */
  scaledByBlock: boolean;
}

const base = 'transformer.';

/** GPT-2 (Radford et al. 2019). Its products store weights as [in, out] and join query, key and value in one. */
export const gpt2: Architecture<Gpt2Facts> = {
  name: 'GPT-2',
  modelTypes: ['gpt2'],
  base,
  embeddingTensor: 'wte.weight',
  read(config: Config): Gpt2Facts {
    const hiddenSize = sizeUnder(config, ['n_embd', 'hidden_size'], 768);
    const heads = sizeUnder(config, ['n_head', 'num_attention_heads'], 12);
    if (hiddenSize % heads !== 0) config.refuse('n_head', `and n_embd ${hiddenSize} is no multiple of it`);
    if (config.boolean('add_cross_attention', false))
      config.refuse('add_cross_attention', 'and a decoder that looks at an encoder is not built');
    return {
      vocabularySize: config.integer('vocab_size', 50257),
      contextLength: sizeUnder(config, ['n_positions', 'max_position_embeddings'], 1024),
      hiddenSize,
      blocks: sizeUnder(config, ['n_layer', 'num_hidden_layers'], 12),
      heads,
      feedForward: config.integer('n_inner', 4 * hiddenSize),
      activation: activationName(config, ['activation_function'], 'gelu_new'),
      epsilon: config.number('layer_norm_epsilon', 1e-5, { from: 0 }),
      scaled: config.boolean('scale_attn_weights', true),
      scaledByBlock: config.boolean('scale_attn_by_inverse_layer_idx', false),
      tied: config.boolean('tie_word_embeddings', true),
    };
  },
  body(b, facts, inputs, caches) {
    const { graph } = b;
    const { hiddenSize: width, heads } = facts;
    graph.enterLayer('embeddings');
    const tokens = embedding(b, `${base}wte`, inputs.ids, facts.vocabularySize, width);
    const positions = embedding(b, `${base}wpe`, inputs.positions, facts.contextLength, width);
    let x = graph.node('Add', [tokens, positions]);
    const form = (i: number) => ({
      module: `${base}h.${i}.attn`,
      output: { path: `${base}h.${i}.attn.c_proj`, width, transposed: true },
      contextLength: facts.contextLength,
    });
    for (let i = 0; i < facts.blocks; i++) {
      graph.enterLayer(blockLayer(i, facts.blocks));
      const headSize = width / heads;
      const scale = (facts.scaled ? headSize ** -0.5 : 1) / (facts.scaledByBlock ? i + 1 : 1);
      x = block(b, facts, `${base}h.${i}`, x, ([query, key, value]) =>
        attention(
          b,
          i,
          inputs,
          { query, key, value },
          { ...form(i), heads, keyValueHeads: heads, headSize, scale },
          caches,
        ),
      );
    }
    graph.enterLayer('final');
    return layerNorm(b, `${base}ln_f`, x, width, facts.epsilon);
  },
  head: (b, { tied, hiddenSize, vocabularySize }, hidden) =>
    languageHead(b, hidden, { tied, embedding: `${base}wte`, width: hiddenSize, vocabularySize }),
};

function block(
  b: Building,
  { hiddenSize: width, feedForward, epsilon, activation: name }: Gpt2Facts,
  path: string,
  residual: Value,
  attend: (parts: Value[]) => Value,
): Value {
  const x = layerNorm(b, `${path}.ln_1`, residual, width, epsilon);
  const joined = linearTransposed(b, `${path}.attn.c_attn`, x, width, 3 * width);
  const split = b.graph.nodes('Split', [joined, b.graph.shape([width, width, width])], 3, { axis: -1 });
  const parts = splitSites(b, `${path}.attn`, split, [width, width, width]);
  const attended = linearTransposed(b, `${path}.attn.c_proj`, attend(parts), width, width);
  const middle = residualMiddle(b, path, width, b.graph.node('Add', [residual, attended]));
  const y = layerNorm(b, `${path}.ln_2`, middle, width, epsilon);
  const wide = linearTransposed(b, `${path}.mlp.c_fc`, y, width, feedForward);
  const active = activation(b, `${path}.mlp.act`, name, wide, feedForward);
  return blockOutput(b, path, width, middle, linearTransposed(b, `${path}.mlp.c_proj`, active, feedForward, width));
}

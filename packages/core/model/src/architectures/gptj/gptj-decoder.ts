import type { Config } from '../../checkpoint/config.js';
import { activationName } from '../../graph/activation.js';
import { attention } from '../../graph/attention.js';
import type { Value } from '../../graph/graph-builder.js';
import { languageHead } from '../../graph/head.js';
import { type Building, blockOutput, embedding, linear } from '../../graph/module.js';
import { layerNorm } from '../../graph/norm.js';
import { createRotary } from '../../graph/rotary.js';
import { type RotaryFrequencies, usualFrequencies } from '../../graph/rotary-frequencies.js';
import { twoLayers } from '../../graph/two-layers.js';
import { type Architecture, blockLayer, type ModelFacts } from '../architecture.js';
import { headSizeOf, sizeUnder } from '../sizes.js';

export interface GptJFacts extends ModelFacts {
  blocks: number;
  heads: number;
  headSize: number;
  feedForward: number;
  activation: string;
  epsilon: number;
  rotary: RotaryFrequencies;
}

const base = 'transformer.';

/**
 * An architecture of GPT-J's kind: attention and feed-forward start from one norm of the block's input, neighbouring dimensions of
 * each head's first are turned together, and only feed-forward and head have biases.
 *
 * @param project queries, keys and values of the normed input, by the path of the attention's module
 */
export function gptJKind(
  name: string,
  modelTypes: string[],
  project: (b: Building, facts: GptJFacts, path: string, x: Value) => { query: Value; key: Value; value: Value },
  check?: (config: Config, facts: GptJFacts) => void,
): Architecture<GptJFacts> {
  return {
    name,
    modelTypes,
    base,
    embeddingTensor: 'wte.weight',
    read(config) {
      const facts = readFacts(config);
      check?.(config, facts);
      return facts;
    },
    body(b, facts, inputs, caches) {
      const { graph } = b;
      const { hiddenSize: width, heads, headSize, epsilon, blocks } = facts;
      const shape = {
        heads,
        keyValueHeads: heads,
        headSize,
        scale: headSize ** -0.5,
        contextLength: facts.contextLength,
      };
      graph.enterLayer('embeddings');
      let x = embedding(b, `${base}wte`, inputs.ids, facts.vocabularySize, width);
      const rotary = createRotary(b, inputs, facts.rotary, true);
      for (let i = 0; i < blocks; i++) {
        graph.enterLayer(blockLayer(i, blocks));
        const path = `${base}h.${i}`;
        const normed = layerNorm(b, `${path}.ln_1`, x, width, epsilon);
        const module = `${path}.attn`;
        const parts = project(b, facts, module, normed);
        const form = { ...shape, module, output: { path: `${module}.out_proj`, width } };
        const seen = attention(b, i, inputs, parts, form, caches, rotary);
        const attended = linear(b, `${path}.attn.out_proj`, seen, { from: width, to: width, bias: false });
        const fed = twoLayers(b, normed, {
          ...{ width, inner: facts.feedForward, activation: facts.activation, bias: true },
          ...{ up: `${path}.mlp.fc_in`, act: `${path}.mlp.act`, down: `${path}.mlp.fc_out` },
        });
        x = blockOutput(b, path, width, graph.node('Add', [x, attended]), fed);
      }
      graph.enterLayer('final');
      return layerNorm(b, `${base}ln_f`, x, width, epsilon);
    },
    head: (b, { tied, hiddenSize, vocabularySize }, hidden) =>
      languageHead(b, hidden, { tied, embedding: `${base}wte`, width: hiddenSize, vocabularySize, bias: true }),
  };
}

function readFacts(config: Config): GptJFacts {
  const hiddenSize = sizeUnder(config, ['n_embd', 'hidden_size'], 4096);
  const heads = sizeUnder(config, ['n_head', 'num_attention_heads'], 16);
  const headSize = headSizeOf(config, 'n_head', heads, hiddenSize);
  if (config.isNull('rotary_dim'))
    config.refuse('rotary_dim', 'and a number of dimensions that are turned is needed, as many as a head has for all');
  const turned = config.integer('rotary_dim', 64);
  if (turned % 2 !== 0 || turned > headSize)
    config.refuse('rotary_dim', `and has to be an even number of at most ${headSize}, a head's dimensions`);
  return {
    vocabularySize: config.integer('vocab_size', 50400),
    contextLength: sizeUnder(config, ['n_positions', 'max_position_embeddings'], 2048),
    hiddenSize,
    blocks: sizeUnder(config, ['n_layer', 'num_hidden_layers'], 28),
    heads,
    headSize,
    feedForward: config.integer('n_inner', 4 * hiddenSize),
    activation: activationName(config, ['activation_function'], 'gelu_new'),
    epsilon: config.number('layer_norm_epsilon', 1e-5, { from: 0 }),
    rotary: { inverse: usualFrequencies(10000, turned), scale: 1 },
    tied: config.boolean('tie_word_embeddings', false),
  };
}

import { activationName } from '../../graph/activation.js';
import { attention } from '../../graph/attention.js';
import { languageHead } from '../../graph/head.js';
import { residualMiddle, splitSites } from '../../graph/inside-block.js';
import { splitByGroup } from '../../graph/joined-projection.js';
import { blockOutput, embedding, linear } from '../../graph/module.js';
import { layerNorm } from '../../graph/norm.js';
import { twoLayers } from '../../graph/two-layers.js';
import { type Architecture, blockLayer, type ModelFacts } from '../architecture.js';
import { headSizeOf, sizeUnder } from '../sizes.js';

interface GptBigCodeFacts extends ModelFacts {
  blocks: number;
  heads: number;
  /** One key and value for all heads; the joined product holds all queries and then these, else each head's own. */
  multiQuery: boolean;
  headSize: number;
  feedForward: number;
  activation: string;
  epsilon: number;
  scale: number;
}

const base = 'transformer.';

/** GPT-BigCode: SantaCoder (Allal et al. 2023, arXiv 2301.03988) and StarCoder (Li et al. 2023, arXiv 2305.06161). */
export const gptBigCode: Architecture<GptBigCodeFacts> = {
  name: 'GPT-BigCode',
  modelTypes: ['gpt_bigcode'],
  base,
  embeddingTensor: 'wte.weight',
  read(config) {
    const hiddenSize = sizeUnder(config, ['n_embd', 'hidden_size'], 768);
    const heads = sizeUnder(config, ['n_head', 'num_attention_heads'], 12);
    const headSize = headSizeOf(config, 'n_head', heads, hiddenSize);
    if (config.boolean('add_cross_attention', false))
      config.refuse('add_cross_attention', 'and a decoder that looks at an encoder is not built');
    return {
      vocabularySize: config.integer('vocab_size', 50257),
      contextLength: sizeUnder(config, ['n_positions', 'max_position_embeddings'], 1024),
      hiddenSize,
      blocks: sizeUnder(config, ['n_layer', 'num_hidden_layers'], 12),
      heads,
      multiQuery: config.boolean('multi_query', true),
      headSize,
      feedForward: config.integer('n_inner', 4 * hiddenSize),
      activation: activationName(config, ['activation_function'], 'gelu_pytorch_tanh'),
      epsilon: config.number('layer_norm_epsilon', 1e-5, { from: 0 }),
      scale: config.boolean('scale_attn_weights', true) ? headSize ** -0.5 : 1,
      tied: config.boolean('tie_word_embeddings', true),
    };
  },
  body(b, facts, inputs, caches) {
    const { graph } = b;
    const { hiddenSize: width, heads, headSize, multiQuery, epsilon, blocks, scale } = facts;
    const keyValueHeads = multiQuery ? 1 : heads;
    const shape = { heads, keyValueHeads, headSize, scale, contextLength: facts.contextLength };
    graph.enterLayer('embeddings');
    const tokens = embedding(b, `${base}wte`, inputs.ids, facts.vocabularySize, width);
    const positions = embedding(b, `${base}wpe`, inputs.positions, facts.contextLength, width);
    let x = graph.node('Add', [tokens, positions]);
    for (let i = 0; i < blocks; i++) {
      graph.enterLayer(blockLayer(i, blocks));
      const path = `${base}h.${i}`;
      const joined = linear(b, `${path}.attn.c_attn`, layerNorm(b, `${path}.ln_1`, x, width, epsilon), {
        from: width,
        to: width + 2 * keyValueHeads * headSize,
        bias: true,
      });
      const sizes = [width / keyValueHeads, headSize, headSize];
      const module = `${path}.attn`;
      const widths = [width, keyValueHeads * headSize, keyValueHeads * headSize];
      const parts = splitByGroup(b, joined, keyValueHeads, sizes);
      const [query, key, value] = splitSites(b, module, parts, widths);
      const form = { ...shape, module, output: { path: `${module}.c_proj`, width } };
      const seen = attention(b, i, inputs, { query, key, value }, form, caches);
      const attended = linear(b, `${path}.attn.c_proj`, seen, { from: width, to: width, bias: true });
      const middle = residualMiddle(b, path, width, graph.node('Add', [x, attended]));
      const fed = twoLayers(b, layerNorm(b, `${path}.ln_2`, middle, width, epsilon), {
        ...{ width, inner: facts.feedForward, activation: facts.activation, bias: true },
        ...{ up: `${path}.mlp.c_fc`, act: `${path}.mlp.act`, down: `${path}.mlp.c_proj` },
      });
      x = blockOutput(b, path, width, middle, fed);
    }
    graph.enterLayer('final');
    return layerNorm(b, `${base}ln_f`, x, width, epsilon);
  },
  head: (b, { tied, hiddenSize, vocabularySize }, hidden) =>
    languageHead(b, hidden, { tied, embedding: `${base}wte`, width: hiddenSize, vocabularySize }),
};

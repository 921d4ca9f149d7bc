import { alibi, alibiSlopes, alibiTable } from '../../graph/alibi.js';
import { attention } from '../../graph/attention.js';
import { languageHead } from '../../graph/head.js';
import { residualMiddle, splitSites } from '../../graph/inside-block.js';
import { splitByGroup } from '../../graph/joined-projection.js';
import { blockOutput, embedding, linear } from '../../graph/module.js';
import { layerNorm } from '../../graph/norm.js';
import { twoLayers } from '../../graph/two-layers.js';
import { type Architecture, blockLayer, type ModelFacts } from '../architecture.js';
import { headSizeOf, sizeUnder } from '../sizes.js';

interface BloomFacts extends ModelFacts {
  blocks: number;
  heads: number;
  headSize: number;
  epsilon: number;
  /** What attention and feed-forward are added to is the output of the norm before them, and not its input. */
  residualBehindNorm: boolean;
}

const base = 'transformer.';

/** BLOOM (BigScience 2022, arXiv 2211.05100): a norm behind the embeddings, and linear biases of attention in place of positions. */
export const bloom: Architecture<BloomFacts> = {
  name: 'BLOOM',
  modelTypes: ['bloom'],
  base,
  embeddingTensor: 'word_embeddings.weight',
  read(config) {
    const hiddenSize = sizeUnder(config, ['hidden_size', 'n_embed'], 64);
    const heads = sizeUnder(config, ['n_head', 'num_attention_heads'], 8);
    return {
      vocabularySize: config.integer('vocab_size', 250880),
      contextLength: config.integer('seq_length', 2048),
      hiddenSize,
      blocks: sizeUnder(config, ['n_layer', 'num_hidden_layers'], 2),
      heads,
      headSize: headSizeOf(config, 'n_head', heads, hiddenSize),
      epsilon: config.number('layer_norm_epsilon', 1e-5, { from: 0 }),
      residualBehindNorm: config.boolean('apply_residual_connection_post_layernorm', false),
      tied: config.boolean('tie_word_embeddings', true),
    };
  },
  body(b, facts, inputs, caches) {
    const { graph } = b;
    const { hiddenSize: width, heads, headSize, epsilon, blocks, residualBehindNorm } = facts;
    const shape = {
      heads,
      keyValueHeads: heads,
      headSize,
      scale: headSize ** -0.5,
      contextLength: facts.contextLength,
    };
    graph.enterLayer('embeddings');
    const tokens = embedding(b, `${base}word_embeddings`, inputs.ids, facts.vocabularySize, width);
    let x = layerNorm(b, `${base}word_embeddings_layernorm`, tokens, width, epsilon);
    const bias = alibi(b, inputs, alibiTable(alibiSlopes(heads), facts.contextLength), heads);
    for (let i = 0; i < blocks; i++) {
      graph.enterLayer(blockLayer(i, blocks));
      const path = `${base}h.${i}`;
      const own = `${path}.self_attention`;
      const before = layerNorm(b, `${path}.input_layernorm`, x, width, epsilon);
      const joined = linear(b, `${own}.query_key_value`, before, { from: width, to: 3 * width, bias: true });
      const parts = splitByGroup(b, joined, heads, [headSize, headSize, headSize]);
      const [query, key, value] = splitSites(b, own, parts, [width, width, width]);
      const form = { ...shape, module: own, output: { path: `${own}.dense`, width } };
      const seen = attention(b, i, inputs, { query, key, value, bias }, form, caches);
      const attended = linear(b, `${own}.dense`, seen, { from: width, to: width, bias: true });
      const middle = residualMiddle(b, path, width, graph.node('Add', [residualBehindNorm ? before : x, attended]));
      const normed = layerNorm(b, `${path}.post_attention_layernorm`, middle, width, epsilon);
      const fed = twoLayers(b, normed, {
        ...{ width, inner: 4 * width, activation: 'gelu_pytorch_tanh', bias: true },
        ...{ up: `${path}.mlp.dense_h_to_4h`, act: `${path}.mlp.gelu_impl`, down: `${path}.mlp.dense_4h_to_h` },
      });
      x = blockOutput(b, path, width, residualBehindNorm ? normed : middle, fed);
    }
    graph.enterLayer('final');
    return layerNorm(b, `${base}ln_f`, x, width, epsilon);
  },
  head: (b, { tied, hiddenSize, vocabularySize }, hidden) =>
    languageHead(b, hidden, { tied, embedding: `${base}word_embeddings`, width: hiddenSize, vocabularySize }),
};

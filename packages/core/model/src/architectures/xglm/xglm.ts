import { activationName } from '../../graph/activation.js';
import { attention } from '../../graph/attention.js';
import { languageHead } from '../../graph/head.js';
import { residualMiddle } from '../../graph/inside-block.js';
import { blockOutput, embedding, linear } from '../../graph/module.js';
import { layerNorm } from '../../graph/norm.js';
import { twoLayers } from '../../graph/two-layers.js';
import { type Architecture, blockLayer, type ModelFacts } from '../architecture.js';
import { headSizeOf, sizeUnder } from '../sizes.js';

interface XglmFacts extends ModelFacts {
  blocks: number;
  heads: number;
  headSize: number;
  feedForward: number;
  activation: string;
  /** Embeddings are multiplied by √hidden size. */
  scaled: boolean;
}

const base = 'model.';
const epsilon = 1e-5;
/** Positions start at 2: fairseq kept two rows for padding. */
const positionOffset = 2;

/** XGLM (Lin et al. 2021, arXiv 2112.10668): positions are sines and cosines. */
export const xglm: Architecture<XglmFacts> = {
  name: 'XGLM',
  modelTypes: ['xglm'],
  base,
  embeddingTensor: 'embed_tokens.weight',
  read(config) {
    const hiddenSize = sizeUnder(config, ['d_model', 'hidden_size'], 1024);
    const heads = sizeUnder(config, ['attention_heads', 'num_attention_heads'], 16);
    if (config.boolean('add_cross_attention', false))
      config.refuse('add_cross_attention', 'and a decoder that looks at an encoder is not built');
    return {
      vocabularySize: config.integer('vocab_size', 256008),
      contextLength: config.integer('max_position_embeddings', 2048),
      hiddenSize,
      blocks: sizeUnder(config, ['num_layers', 'num_hidden_layers'], 24),
      heads,
      headSize: headSizeOf(config, 'attention_heads', heads, hiddenSize),
      feedForward: config.integer('ffn_dim', 4096),
      activation: activationName(config, ['activation_function'], 'gelu'),
      scaled: config.boolean('scale_embedding', true),
      tied: config.boolean('tie_word_embeddings', true),
    };
  },
  body(b, facts, inputs, caches) {
    const { graph } = b;
    const { hiddenSize: width, heads, headSize, blocks, contextLength } = facts;
    const shape = { heads, keyValueHeads: heads, headSize, scale: headSize ** -0.5, contextLength };
    const whole = { from: width, to: width, bias: true };
    graph.enterLayer('embeddings');
    const scale = facts.scaled ? Math.sqrt(width) : undefined;
    const tokens = embedding(b, `${base}embed_tokens`, inputs.ids, facts.vocabularySize, width, scale);
    const table = graph.numbers(`sinusoids.${contextLength}`, sinusoids(contextLength, width), [contextLength, width]);
    const rows = graph.node('Gather', [table, inputs.positions], { axis: 0 });
    let x = graph.node('Add', [tokens, graph.site(`${base}embed_positions`, 'embedding', width, rows)]);
    for (let i = 0; i < blocks; i++) {
      graph.enterLayer(blockLayer(i, blocks));
      const path = `${base}layers.${i}`;
      const module = `${path}.self_attn`;
      const before = layerNorm(b, `${path}.self_attn_layer_norm`, x, width, epsilon);
      const part = (name: string) => linear(b, `${module}.${name}`, before, whole);
      const parts = { query: part('q_proj'), key: part('k_proj'), value: part('v_proj') };
      const form = { ...shape, module, output: { path: `${module}.out_proj`, width } };
      const seen = attention(b, i, inputs, parts, form, caches);
      const attended = linear(b, `${module}.out_proj`, seen, whole);
      const middle = residualMiddle(b, path, width, graph.node('Add', [x, attended]));
      const fed = twoLayers(b, layerNorm(b, `${path}.final_layer_norm`, middle, width, epsilon), {
        ...{ width, inner: facts.feedForward, activation: facts.activation, bias: true },
        ...{ up: `${path}.fc1`, act: `${path}.activation_fn`, down: `${path}.fc2` },
      });
      x = blockOutput(b, path, width, middle, fed);
    }
    graph.enterLayer('final');
    return layerNorm(b, `${base}layer_norm`, x, width, epsilon);
  },
  head: (b, { tied, hiddenSize, vocabularySize }, hidden) =>
    languageHead(b, hidden, { tied, embedding: `${base}embed_tokens`, width: hiddenSize, vocabularySize }),
};

const f = Math.fround;

/** [positions x width]: sines and then cosines of position × 10000^(-i / (width / 2 - 1)), in single precision step by step. */
function sinusoids(positions: number, width: number): Float32Array {
  const half = Math.floor(width / 2);
  const step = f(-Math.log(10000) / (half - 1));
  const waves = Float32Array.from({ length: half }, (_, i) => Math.exp(f(i * step)));
  return Float32Array.from({ length: positions * width }, (_, k) => {
    const [position, column] = [Math.floor(k / width) + positionOffset, k % width];
    if (column >= 2 * half) return 0;
    const angle = f(position * waves[column % half]);
    return column < half ? Math.sin(angle) : Math.cos(angle);
  });
}

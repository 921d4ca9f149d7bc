import { activationName } from '../../graph/activation.js';
import { languageHead } from '../../graph/head.js';
import { embedding } from '../../graph/module.js';
import type { Architecture } from '../architecture.js';
import { headSizeOf, sizeUnder } from '../sizes.js';
import { type XglmBlocks, xglmBlocks } from './xglm-blocks.js';

interface XglmFacts extends XglmBlocks {
  /** Embeddings are multiplied by √hidden size. */
  scaled: boolean;
}

const base = 'model.';
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
    const { hiddenSize: width, contextLength } = facts;
    graph.enterLayer('embeddings');
    const scale = facts.scaled ? Math.sqrt(width) : undefined;
    const tokens = embedding(b, `${base}embed_tokens`, inputs.ids, facts.vocabularySize, width, scale);
    const table = graph.numbers(`sinusoids.${contextLength}`, sinusoids(contextLength, width), [contextLength, width]);
    const rows = graph.node('Gather', [table, inputs.positions], { axis: 0 });
    const x = graph.node('Add', [tokens, graph.site(`${base}embed_positions`, 'embedding', width, rows)]);
    return xglmBlocks(b, facts, base, inputs, x, caches);
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

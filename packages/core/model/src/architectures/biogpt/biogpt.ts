import { activationName } from '../../graph/activation.js';
import { languageHead } from '../../graph/head.js';
import { embedding } from '../../graph/module.js';
import type { Architecture } from '../architecture.js';
import { headSizeOf } from '../sizes.js';
import { type XglmBlocks, xglmBlocks } from '../xglm/xglm-blocks.js';

interface BioGptFacts extends XglmBlocks {
  /** Embeddings are multiplied by √hidden size. */
  scaled: boolean;
}

const base = 'biogpt.';
/** Learned positions start at 2: fairseq kept two rows for padding. */
const positionOffset = 2;
const head = 'output_projection';

/** BioGPT (Luo et al. 2022, arXiv 2210.10341). */
export const bioGpt: Architecture<BioGptFacts> = {
  name: 'BioGPT',
  modelTypes: ['biogpt'],
  base,
  embeddingTensor: 'embed_tokens.weight',
  headTensor: `${head}.weight`,
  read(config) {
    const hiddenSize = config.integer('hidden_size', 1024);
    const heads = config.integer('num_attention_heads', 16);
    return {
      vocabularySize: config.integer('vocab_size', 42384),
      contextLength: config.integer('max_position_embeddings', 1024),
      hiddenSize,
      blocks: config.integer('num_hidden_layers', 24),
      heads,
      headSize: headSizeOf(config, 'num_attention_heads', heads, hiddenSize),
      feedForward: config.integer('intermediate_size', 4096),
      activation: activationName(config, ['hidden_act'], 'gelu'),
      scaled: config.boolean('scale_embedding', true),
      tied: config.boolean('tie_word_embeddings', true),
    };
  },
  body(b, facts, inputs, caches) {
    const { graph } = b;
    const { hiddenSize: width, contextLength, vocabularySize } = facts;
    graph.enterLayer('embeddings');
    const scale = facts.scaled ? Math.sqrt(width) : undefined;
    const tokens = embedding(b, `${base}embed_tokens`, inputs.ids, vocabularySize, width, scale);
    const offset = graph.numbers('position-offset', BigInt64Array.of(BigInt(positionOffset)), [1]);
    const places = graph.node('Add', [inputs.positions, offset]);
    const positions = embedding(b, `${base}embed_positions`, places, contextLength + positionOffset, width);
    return xglmBlocks(b, facts, base, inputs, graph.node('Add', [tokens, positions]), caches);
  },
  head: (b, { tied, hiddenSize, vocabularySize }, hidden) =>
    languageHead(b, hidden, {
      ...{ tied, embedding: `${base}embed_tokens`, width: hiddenSize },
      ...{ vocabularySize, module: head },
    }),
};

import type { Config } from '../../checkpoint/config.js';
import { languageHead } from '../../graph/head.js';
import { blockOutput, embedding } from '../../graph/module.js';
import { type NormForm, norm } from '../../graph/norm.js';
import { type SelectiveShape, selectiveScan } from '../../graph/selective-scan.js';
import { type Architecture, blockLayer, type ModelFacts } from '../architecture.js';

interface MambaFacts extends ModelFacts {
  blocks: number;
  norm: NormForm;
  shape: SelectiveShape;
}

const base = 'backbone.';

/** Mamba: selective state spaces in place of attention and feed-forward. */
export const mamba: Architecture<MambaFacts> = {
  name: 'Mamba',
  modelTypes: ['mamba'],
  base,
  embeddingTensor: 'embeddings.weight',
  read,
  body(b, facts, inputs, caches) {
    const { graph } = b;
    const { hiddenSize: width, blocks, vocabularySize } = facts;
    graph.enterLayer('embeddings');
    let x = embedding(b, `${base}embeddings`, inputs.ids, vocabularySize, width);
    for (let i = 0; i < blocks; i++) {
      graph.enterLayer(blockLayer(i, blocks));
      const path = `${base}layers.${i}`;
      const normed = norm(b, `${path}.norm`, x, width, facts.norm);
      x = blockOutput(b, path, width, x, selectiveScan(b, i, inputs, `${path}.mixer`, normed, facts.shape, caches));
    }
    graph.enterLayer('final');
    return norm(b, `${base}norm_f`, x, width, facts.norm);
  },
  head: (b, { tied, hiddenSize: width, vocabularySize }, hidden) =>
    languageHead(b, hidden, { tied, embedding: `${base}embeddings`, width, vocabularySize }),
};

/** States know no end; this is what published models were trained on. */
const contextLength = 2048;

function read(config: Config): MambaFacts {
  const width = config.integer('hidden_size', 768);
  const activation = config.text('hidden_act', 'silu');
  if (activation !== 'silu' && activation !== 'swish')
    config.refuse('hidden_act', 'and state spaces are built with silu');
  const rank = config.raw('time_step_rank') ?? 'auto';
  return {
    vocabularySize: config.integer('vocab_size', 50280),
    ...{ contextLength, hiddenSize: width },
    blocks: config.integer('num_hidden_layers', 32),
    norm: { by: 'root-mean-square', epsilon: config.number('layer_norm_epsilon', 1e-5, { from: 0 }) },
    shape: {
      width,
      inner: config.integer('intermediate_size', config.integer('expand', 2) * width),
      states: config.integer('state_size', 16),
      rank: rank === 'auto' ? Math.ceil(width / 16) : config.integer('time_step_rank'),
      kernel: config.integer('conv_kernel', 4),
      bias: config.boolean('use_bias', false),
      convolutionBias: config.boolean('use_conv_bias', true),
    },
    tied: config.boolean('tie_word_embeddings', true),
  };
}

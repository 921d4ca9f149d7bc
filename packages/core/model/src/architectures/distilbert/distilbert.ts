import { activationName } from '../../graph/activation.js';
import { bertKind, refuseDecoders } from '../bert/bert-encoder.js';

/** DistilBERT (Sanh et al. 2019, arXiv 1910.01108): BERT without segments. */
export const distilBert = bertKind(
  'DistilBERT',
  ['distilbert'],
  {
    base: 'distilbert.',
    blocks: 'transformer.layer',
    module: 'attention',
    query: 'attention.q_lin',
    key: 'attention.k_lin',
    value: 'attention.v_lin',
    output: 'attention.out_lin',
    outputNorm: 'sa_layer_norm',
    up: 'ffn.lin1',
    activation: 'ffn.activation',
    down: 'ffn.lin2',
    downNorm: 'output_layer_norm',
    head: { dense: 'vocab_transform', activation: 'activation', norm: 'vocab_layer_norm', decoder: 'vocab_projector' },
  },
  (config) => {
    refuseDecoders(config);
    const hiddenSize = config.integer('dim', 768);
    const heads = config.integer('n_heads', 12);
    if (hiddenSize % heads !== 0) config.refuse('n_heads', `and dim ${hiddenSize} is no multiple of it`);
    const positions = config.integer('max_position_embeddings', 512);
    return {
      vocabularySize: config.integer('vocab_size'),
      contextLength: positions,
      positions,
      hiddenSize,
      heads,
      blocks: config.integer('n_layers', 6),
      feedForward: config.integer('hidden_dim', 3072),
      activation: activationName(config, ['activation'], 'gelu'),
      epsilon: 1e-12,
      tied: config.boolean('tie_word_embeddings', true),
    };
  },
);

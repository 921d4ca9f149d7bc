import type { Config } from '../../checkpoint/config.js';
import { activationName } from '../../graph/activation.js';
import { type BertFacts, type BertNames, bertKind, refuseDecoders } from './bert-encoder.js';

/** BERT's modules; RoBERTa has them under another base. */
export const bertNames: Omit<BertNames, 'base' | 'head'> = {
  blocks: 'encoder.layer',
  module: 'attention.self',
  query: 'attention.self.query',
  key: 'attention.self.key',
  value: 'attention.self.value',
  output: 'attention.output.dense',
  outputNorm: 'attention.output.LayerNorm',
  up: 'intermediate.dense',
  activation: 'intermediate.intermediate_act_fn',
  down: 'output.dense',
  downNorm: 'output.LayerNorm',
};

/** The fields that BERT and RoBERTa share. */
export function readBertFacts(config: Config): BertFacts {
  refuseDecoders(config);
  const hiddenSize = config.integer('hidden_size');
  const heads = config.integer('num_attention_heads');
  if (hiddenSize % heads !== 0)
    config.refuse('num_attention_heads', `and hidden_size ${hiddenSize} is no multiple of it`);
  const positions = config.integer('max_position_embeddings', 512);
  return {
    vocabularySize: config.integer('vocab_size'),
    contextLength: positions,
    positions,
    hiddenSize,
    heads,
    blocks: config.integer('num_hidden_layers'),
    feedForward: config.integer('intermediate_size'),
    activation: activationName(config, ['hidden_act'], 'gelu'),
    epsilon: config.number('layer_norm_eps', 1e-12, { from: 0 }),
    segments: config.integer('type_vocab_size', 2),
    tied: config.boolean('tie_word_embeddings', true),
  };
}

const predictions = 'cls.predictions';

/** BERT (Devlin et al. 2018, arXiv 1810.04805), the first of two segments. */
export const bert = bertKind(
  'BERT',
  ['bert'],
  {
    ...bertNames,
    base: 'bert.',
    head: {
      dense: `${predictions}.transform.dense`,
      activation: `${predictions}.transform.transform_act_fn`,
      norm: `${predictions}.transform.LayerNorm`,
      decoder: `${predictions}.decoder`,
      bias: `${predictions}.bias`,
    },
  },
  readBertFacts,
);

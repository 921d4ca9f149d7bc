import { bertNames, readBertFacts } from '../bert/bert.js';
import { bertKind } from '../bert/bert-encoder.js';

/** ELECTRA (Clark et al. 2020, arXiv 2003.10555): BERT whose embeddings may be narrower. A discriminator's own head is left out. */
export const electra = bertKind(
  'ELECTRA',
  ['electra'],
  {
    ...bertNames,
    base: 'electra.',
    head: {
      dense: 'generator_predictions.dense',
      activation: 'generator_predictions.activation',
      norm: 'generator_predictions.LayerNorm',
      decoder: 'generator_lm_head',
    },
  },
  (config) => {
    const facts = readBertFacts(config);
    const width = config.integer('embedding_size', 128);
    return { ...facts, headActivation: 'gelu', ...(width !== facts.hiddenSize && { embeddingWidth: width }) };
  },
);

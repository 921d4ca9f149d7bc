import { bertNames, readBertFacts } from '../bert/bert.js';
import { bertKind } from '../bert/bert-encoder.js';

/** RoBERTa (Liu et al. 2019, arXiv 1907.11692), XLM-RoBERTa and CamemBERT: BERT whose positions are counted from behind the padding's id. */
export const roberta = bertKind(
  'RoBERTa',
  ['roberta', 'xlm-roberta', 'camembert'],
  {
    ...bertNames,
    base: 'roberta.',
    head: { dense: 'lm_head.dense', norm: 'lm_head.layer_norm', decoder: 'lm_head.decoder', bias: 'lm_head.bias' },
  },
  (config) => {
    const facts = readBertFacts(config);
    const padding = config.number('pad_token_id', 1, { from: 0 });
    const contextLength = facts.positions - padding - 1;
    if (contextLength < 1)
      config.refuse('max_position_embeddings', `and positions are counted from ${padding + 1}, behind pad_token_id`);
    return { ...facts, padding, contextLength };
  },
);

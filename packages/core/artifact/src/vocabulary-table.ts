import { tableFormat } from './table-format.js';

/** `design/vocabulary.parquet`: a row per token of the model's vocabulary, by id from 0; no such file of a model without a tokenizer. */
export const vocabularyTable = tableFormat({
  token_id: 'int32',
  /** Its text alone; as the vocabulary spells it (`Ġfossil`) where that is no text, as of bytes that are part of a character. */
  token: 'text',
});

import { type RowOf, tableFormat } from './table-format.js';

/**
 * `extract/<run>/tokens.parquet`: a row per generated token, or token that was read, in the order of the activation rows. Where one row
 * of each prompt is kept (`extraction.tokens: mean` or `last`) it bears the prompt's last token, at position 0; log probability and
 * entropy are that token's own (`last`) or means over the prompt's tokens (`mean`), the first of which has no log probability.
 */
export const tokenTable = tableFormat({
  /** Place of the prompt in the run, from 0. */
  prompt: 'int32',
  /** Place of the token among those generated for the prompt, from 0. */
  position: 'int32',
  token_id: 'int32',
  token: 'text',
  /** Whether the model had ended the prompt's text before: its end-of-sequence token stands in an earlier row. */
  after_end: 'flag',
  /** Of the token under the model's own distribution, in nats. */
  log_probability: 'float64',
  /** Of the model's own distribution, in nats. */
  entropy: 'float64',
});

export type Token = RowOf<typeof tokenTable>;

import { type RowOf, tableFormat } from './table-format.js';

/** `wording/tokens.parquet`: a row for each token of each prompt as the model reads it, runs in the plan's order, prompts in theirs. */
export const wordingTokenTable = tableFormat({
  run: 'text',
  /** Place of the prompt in the run, from 0. */
  prompt: 'int32',
  /** Place of the token in the prompt, from 0. */
  position: 'int32',
  token_id: 'int32',
  /** Whether it is of the template around the prompt, and not the prompt's own. */
  of_template: 'flag',
});

export type WordingToken = RowOf<typeof wordingTokenTable>;

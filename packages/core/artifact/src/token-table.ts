import type { Source } from './byte-source.js';
import { type Columns, type Row, readTable } from './table.js';
import { writeTable } from './table-writer.js';

/** Columns of `extract/<run>/tokens.parquet`: a row per generated token, in the order of the activation rows. */
export const tokenColumns = {
  /** Place of the prompt in the run, from 0. */
  prompt: 'int32',
  /** Place of the token among those generated for the prompt, from 0. */
  position: 'int32',
  token_id: 'int32',
  token: 'text',
  /** Of the token under the model's own distribution, in nats. */
  log_probability: 'float64',
  /** Of the model's own distribution, in nats. */
  entropy: 'float64',
} as const satisfies Columns;

export type Token = Row<typeof tokenColumns>;

export const writeTokens = (path: string, tokens: readonly Token[]) => writeTable(path, tokenColumns, tokens);
export const readTokens = (source: Source): Promise<Token[]> => readTable(source, tokenColumns);

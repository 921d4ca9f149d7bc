import { momentParts } from '@galvani/artifact';
import type { Recorded } from '@galvani/study';

/** Rows of a run's tokens.parquet: generated tokens, the tokens that are read, or one for each prompt that is read. */
export function rowsOf(
  prompts: readonly Int32Array[],
  { mode, tokens, newTokens }: Pick<Recorded, 'mode' | 'tokens' | 'newTokens'>,
): number {
  if (mode === 'generate') return prompts.length * newTokens;
  return tokens === 'all' ? prompts.reduce((sum, { length }) => sum + length, 0) : prompts.length;
}

/** What a run's files hold: its tokens, and rows of activations: one for each token, or one for each moment of each prompt. */
export function sizeOfRun(prompts: readonly Int32Array[], asked: Recorded): { tokens: number; rows: number } {
  const tokens = rowsOf(prompts, asked);
  return { tokens, rows: asked.keep === 'tokens' ? tokens : prompts.length * (1 + momentParts[asked.moments].length) };
}

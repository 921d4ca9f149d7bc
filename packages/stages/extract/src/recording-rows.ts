import type { Recorded } from '@galvani/study';

/** Rows that a run's files hold: generated tokens, the tokens that are read, or one for each prompt that is read. */
export function rowsOf(
  prompts: readonly Int32Array[],
  { mode, tokens, newTokens }: Pick<Recorded, 'mode' | 'tokens' | 'newTokens'>,
): number {
  if (mode === 'generate') return prompts.length * newTokens;
  return tokens === 'all' ? prompts.reduce((sum, { length }) => sum + length, 0) : prompts.length;
}

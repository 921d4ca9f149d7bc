import { momentParts } from '@galvani/artifact';
import type { Recorded } from '@galvani/study';
import type { PresentedPrompt, TokenSpan } from '@galvani/subject';

/** Which tokens of each prompt have rows where it is read: all, or its own without those of a template. */
export function keptSpans(
  presented: readonly PresentedPrompt[],
  { templateTokens }: Pick<Recorded, 'templateTokens'>,
): TokenSpan[] {
  return presented.map(({ tokens, from, until }) =>
    templateTokens === 'drop' ? { from, until } : { from: 0, until: tokens.length },
  );
}

/** The tokens of each prompt that have rows where it is read. */
export function keptTokens(
  presented: readonly PresentedPrompt[],
  asked: Pick<Recorded, 'templateTokens'>,
): Int32Array[] {
  return keptSpans(presented, asked).map(({ from, until }, p) => presented[p].tokens.subarray(from, until));
}

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

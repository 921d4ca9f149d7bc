import type { Token } from '@galvani/artifact';
import type { Generation, Tokenizer } from '@galvani/model';
import { tokenTexts } from './token-text.js';

/**
 * The rows of tokens.parquet: prompt after prompt, as the activations stand.
 *
 * @param endTokens ids that end a text; none for texts that are read
 */
export function tokenRows(
  { tokens, logProbabilities, entropies }: Generation,
  tokenizer: Tokenizer | undefined,
  endTokens: readonly number[],
): Token[] {
  return tokens.flatMap((ids, prompt) => {
    const texts = tokenizer && tokenTexts(ids, tokenizer);
    const end = ids.findIndex((id) => endTokens.includes(id));
    return Array.from(ids, (id, position) => ({
      prompt,
      position,
      token_id: id,
      token: texts?.[position] ?? '',
      after_end: end >= 0 && position > end,
      log_probability: logProbabilities[prompt][position],
      entropy: entropies[prompt][position],
    }));
  });
}

import type { Token } from '@galvani/artifact';
import type { Generation, Tokenizer } from '@galvani/model';
import { tokenTexts } from './token-text.js';

/** The rows of tokens.parquet: prompt after prompt, as the activations stand. */
export function tokenRows({ tokens, logProbabilities, entropies }: Generation, tokenizer?: Tokenizer): Token[] {
  return tokens.flatMap((ids, prompt) => {
    const texts = tokenizer && tokenTexts(ids, tokenizer);
    return Array.from(ids, (id, position) => ({
      prompt,
      position,
      token_id: id,
      token: texts?.[position] ?? '',
      log_probability: logProbabilities[prompt][position],
      entropy: entropies[prompt][position],
    }));
  });
}

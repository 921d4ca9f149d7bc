import { UserMistake } from '@galvani/terminal';
import type { TokenEmbedding } from './token-embedding.js';

/**
 * The mean of each prompt's token embeddings, [prompts x width], row-major; sums are in double precision.
 *
 * @param prompts token ids, at least one each
 * @throws UserMistake for a token that has no row in the table
 */
export function meanEmbeddings(prompts: readonly Int32Array[], { values, width }: TokenEmbedding): Float32Array {
  const rows = values.length / width;
  const means = new Float32Array(prompts.length * width);
  const sum = new Float64Array(width);
  for (const [p, tokens] of prompts.entries()) {
    sum.fill(0);
    for (const id of tokens) {
      if (id >= rows)
        throw new UserMistake(
          `a prompt holds the token id ${id}, and the model's vocabulary goes from 0 to ${rows - 1}: the tokenizer is of another model. Put the model's own tokenizer.json beside its weights.`,
        );
      for (let u = 0; u < width; u++) sum[u] += values[id * width + u];
    }
    for (let u = 0; u < width; u++) means[p * width + u] = sum[u] / tokens.length;
  }
  return means;
}

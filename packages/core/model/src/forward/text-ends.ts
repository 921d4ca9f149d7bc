import type { Generation } from './request.js';

/** Where the texts end that a batch generates: each with the first of the tokens that end one. */
export interface TextEnds {
  /** Takes the token that a step chose for a prompt. Returns whether the prompt's text ends with it. */
  take(row: number, token: number, position: number): boolean;
  /** Tokens of a prompt's text, the one that ends it included; undefined while it goes on. */
  lengthOf(row: number): number | undefined;
  /** Whether every prompt's text has ended. */
  all(): boolean;
}

/** Of a batch of so many prompts that begins. Without end tokens no text ends. */
export function textEnds(rows: number, endTokens: readonly number[] = []): TextEnds {
  const lengths = new Int32Array(rows);
  let open = rows;
  return {
    take(row, token, position) {
      if (lengths[row] > 0 || !endTokens.includes(token)) return false;
      lengths[row] = position + 1;
      open--;
      return true;
    },
    lengthOf: (row) => lengths[row] || undefined,
    all: () => open === 0,
  };
}

/** What was generated without what came after the ends of the texts. */
export function upToEnds({ tokens, logProbabilities, entropies, ...rest }: Generation, ends: TextEnds): Generation {
  const cut = <T extends Int32Array | Float32Array>(all: T[]) =>
    all.map((own, row) => own.subarray(0, ends.lengthOf(row)) as T);
  return { ...rest, tokens: cut(tokens), logProbabilities: cut(logProbabilities), entropies: cut(entropies) };
}

import type { Tokenizer } from './tokenizer.js';

/** Ids `from` to before `until`. */
export type IdRange = readonly [from: number, until: number];

/** Tokens that spell a byte which UTF-8 never has (C0, C1, F5 to FF): as byte-level tokenizers do, and as byte fallback does. */
const impossibleByte = /[\u00c0\u00c1\u00f5-\u00ff]|^<0x([Cc][01]|[Ff][5-9A-Fa-f])>$/;

/**
 * Ids of a vocabulary that no text has: those for which the tokenizer has no token (a head may be wider), and those that spell
 * bytes which occur in no text in UTF-8. Other tokens that training never saw are not among them: some text may have them.
 *
 * @param size of the model's vocabulary
 */
export function unreachableTokens(tokenizer: Pick<Tokenizer, 'token' | 'decode'>, size: number): IdRange[] {
  const ranges: [number, number][] = [];
  for (let id = 0; id < size; id++) {
    const token = tokenizer.token(id);
    // Elsewhere these letters are letters: then decoding gives them as they are.
    const never = token === '' || (impossibleByte.test(token) && tokenizer.decode([id]).includes('\ufffd'));
    if (!never) continue;
    const last = ranges.at(-1);
    if (last?.[1] === id) last[1]++;
    else ranges.push([id, id + 1]);
  }
  return ranges;
}

import type { Tokenizer } from '@galvani/model';

/** What decoding gives for bytes that are not a character, or not yet. */
const incomplete = '\ufffd';

/**
 * The text that each token of a sequence adds: joined they are the text of the sequence. A character whose bytes are spread
 * over several tokens belongs to the last of them.
 */
export function tokenTexts(ids: Int32Array, tokenizer: Pick<Tokenizer, 'decode'>): string[] {
  // Decoding starts anew at a token that began with a whole character, so that a long sequence is not decoded again and again.
  let start = 0;
  let shown = 0;
  return Array.from(ids, (_, i) => {
    const text = tokenizer.decode(ids.subarray(start, i + 1));
    if (text.endsWith(incomplete) && i < ids.length - 1) return '';
    const added = text.slice(shown);
    if (added.length > 0 && !text.endsWith(incomplete)) {
      // This token is decoded once more, as what comes before the next: alone at the start it could lose a space.
      start = i;
      shown = tokenizer.decode(ids.subarray(i, i + 1)).length;
    } else shown = text.length;
    return added;
  });
}

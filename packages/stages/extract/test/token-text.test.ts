import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tokenTexts } from '../src/token-text.js';

/** Tokens are bytes: a character of several bytes takes several tokens. */
const decoder = new TextDecoder();
const bytes = { decode: (ids: ArrayLike<number>) => decoder.decode(Uint8Array.from(ids)) };
/** A tokenizer that drops the space before the first word, as SentencePiece's do. */
const words = ['▁the', '▁frog', 's', '▁jump'];
const stripping = {
  decode: (ids: ArrayLike<number>) =>
    Array.from(ids, (id) => words[id])
      .join('')
      .replaceAll('▁', ' ')
      .replace(/^ /, ''),
};

test('a character that is spread over tokens belongs to its last one', () => {
  const ids = Int32Array.from(new TextEncoder().encode('aé–b'));
  expect(tokenTexts(ids, bytes)).toEqual(['a', '', 'é', '', '', '–', 'b']);
});

test('only the first word loses its space', () => {
  expect(tokenTexts(Int32Array.of(0, 1, 2, 3), stripping)).toEqual(['the', ' frog', 's', ' jump']);
});

test('joined, the texts are the text of the sequence, broken characters too', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 30 }), (some) => {
      // A byte-order mark is dropped by this decoder, at the start of whatever it decodes.
      fc.pre(!some.includes(0xef));
      const ids = Int32Array.from(some);
      expect(tokenTexts(ids, bytes).join('')).toBe(bytes.decode(ids));
    }),
    { numRuns: 50 },
  );
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      fc.pre(!text.includes('\ufeff'));
      const ids = Int32Array.from(new TextEncoder().encode(text));
      expect(tokenTexts(ids, bytes).join('')).toBe(text);
    }),
    { numRuns: 50 },
  );
});

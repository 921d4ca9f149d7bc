import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openModelTokenizer } from '../../src/index.js';
import { unreachableTokens } from '../../src/tokenizer/unreachable-tokens.js';

const frog = fileURLToPath(new URL('../../../../../data/models/frog', import.meta.url));

test('of the embedded model those are unreachable that spell bytes which UTF-8 never has, and what lies beyond its tokens', async () => {
  const tokenizer = (await openModelTokenizer(frog))!;
  // Byte-level tokens of C0 and C1, then of F5 to FF: 256 bytes less the 243 that UTF-8 has.
  const bytes = [
    [128, 130],
    [181, 192],
  ];
  expect(unreachableTokens(tokenizer, 4096)).toEqual(bytes);
  expect(unreachableTokens(tokenizer, 4100)).toEqual([...bytes, [4096, 4100]]);
});

test('letters that are letters are reachable, byte fallback to such a byte is not', () => {
  const tokens = ['À', 'õ', '<0xC0>', '<0xC3>', '<0xff>', ''];
  const decode = (ids: ArrayLike<number>) => tokens[ids[0]].replace(/^<0x..>$/, '\ufffd');
  expect(unreachableTokens({ token: (id) => tokens[id], decode }, tokens.length)).toEqual([
    [2, 3],
    [4, 6],
  ]);
});

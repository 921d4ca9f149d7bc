import { lz4Magic } from './lz4.js';

const hashBits = 14;
/** Where four bytes of such a hash stood last, from 1; 0 for nowhere. */
const places = new Int32Array(1 << hashBits);
/** A match is looked for no nearer to a block's end, and ends no nearer, than the format allows. */
const lastMatch = 12;
const lastLiterals = 5;
const farthest = 65_535;
const blockBytes = 4 << 20;

/** Most bytes that a block of so many may take. */
const mostBytes = (length: number) => length + Math.ceil(length / 255) + 16;

/**
 * Encodes one LZ4 block, greedily: of what repeats the last place is known. Where nothing does, ever more bytes are passed over at a time.
 * Source: https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
 *
 * @param out holds `mostBytes` from `at` on
 * @returns the place after the last byte written
 */
function encodeLz4Block(block: Uint8Array, out: Uint8Array, at: number): number {
  const { length } = block;
  places.fill(0);
  let end = at;
  let from = 0;
  const lengthBytes = (rest: number) => {
    for (; rest >= 255; rest -= 255) out[end++] = 255;
    out[end++] = rest;
  };
  const literals = (until: number, matched: number) => {
    const count = until - from;
    out[end++] = (Math.min(count, 15) << 4) | Math.min(matched, 15);
    if (count >= 15) lengthBytes(count - 15);
    if (count < 32) for (let i = from; i < until; i++) out[end++] = block[i];
    else {
      out.set(block.subarray(from, until), end);
      end += count;
    }
  };
  const matchLimit = length - lastLiterals;
  for (let i = 0, tried = 0; i < length - lastMatch; ) {
    const word = block[i] | (block[i + 1] << 8) | (block[i + 2] << 16) | (block[i + 3] << 24);
    const hash = Math.imul(word, -1640531535) >>> (32 - hashBits);
    const before = places[hash] - 1;
    places[hash] = i + 1;
    const same =
      before >= 0 &&
      i - before <= farthest &&
      block[before] === block[i] &&
      block[before + 1] === block[i + 1] &&
      block[before + 2] === block[i + 2] &&
      block[before + 3] === block[i + 3];
    if (!same) {
      i += 1 + (tried++ >> 6);
      continue;
    }
    let until = i + 4;
    for (let of = before + 4; until < matchLimit && block[until] === block[of]; until++, of++);
    const matched = until - i - 4;
    literals(i, matched);
    out[end++] = (i - before) & 255;
    out[end++] = (i - before) >> 8;
    if (matched >= 15) lengthBytes(matched - 15);
    i = until;
    from = until;
    tried = 0;
  }
  literals(length, 0);
  return end;
}

/**
 * Encodes one LZ4 frame, in independent blocks of up to 4 MB, without checksums. A block that would grow is left as it is.
 * Source: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 */
export function encodeLz4Frame(bytes: Uint8Array): Uint8Array {
  const blocks = Math.ceil(bytes.length / blockBytes);
  const out = new Uint8Array(7 + blocks * (4 + mostBytes(Math.min(bytes.length, blockBytes))) + 4);
  const view = new DataView(out.buffer);
  view.setUint32(0, lz4Magic, true);
  // Version 1 with independent blocks; of up to 4 MB; and the second byte of XXH32 of these two.
  out.set([0x60, 0x70, 0x73], 4);
  let end = 7;
  for (let from = 0; from < bytes.length; from += blockBytes) {
    const block = bytes.subarray(from, from + blockBytes);
    const size = encodeLz4Block(block, out, end + 4) - end - 4;
    if (size < block.length) view.setUint32(end, size, true);
    else {
      view.setUint32(end, (block.length | 0x80000000) >>> 0, true);
      out.set(block, end + 4);
    }
    end += 4 + Math.min(size, block.length);
  }
  view.setUint32(end, 0, true);
  return out.subarray(0, end + 4);
}

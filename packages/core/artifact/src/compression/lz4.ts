/**
 * Decodes one LZ4 block into `out` from `at` on; matches may reach back into what stands before. Strict, since the decoders of
 * npm fill up what a damaged block leaves out with zeros.
 * Source: https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
 *
 * @returns the place after the last byte written
 * @throws Error if the block is damaged or does not fit
 */
export function decodeLz4Block(block: Uint8Array, out: Uint8Array, at = 0): number {
  let i = 0;
  let end = at;
  const more = (length: number) => {
    if (length < 15) return length;
    for (let byte = 255; byte === 255; length += byte) {
      if (i >= block.length) throw new Error('an LZ4 block ends inside a length');
      byte = block[i++];
    }
    return length;
  };
  while (i < block.length) {
    const token = block[i++];
    const literals = more(token >> 4);
    if (literals > block.length - i || literals > out.length - end) throw new Error('LZ4 literals reach too far');
    out.set(block.subarray(i, i + literals), end);
    i += literals;
    end += literals;
    if (i === block.length) return end;
    if (i + 2 > block.length) throw new Error('an LZ4 block ends inside an offset');
    const offset = block[i] | (block[i + 1] << 8);
    i += 2;
    const length = more(token & 15) + 4;
    if (offset === 0 || offset > end || length > out.length - end) throw new Error('an LZ4 match reaches too far');
    if (offset >= length) out.copyWithin(end, end - offset, end - offset + length);
    else for (let k = 0; k < length; k++) out[end + k] = out[end + k - offset];
    end += length;
  }
  throw new Error('an LZ4 block ends without literals');
}

/**
 * Decodes one LZ4 frame of `length` bytes. Checksums are not verified.
 * Source: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 */
export function decodeLz4Frame(frame: Uint8Array, length: number): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 7 || view.getUint32(0, true) !== lz4Magic) throw new Error('this is not an LZ4 frame');
  const flags = frame[4];
  if (flags >> 6 !== 1) throw new Error('an LZ4 frame of an unknown version');
  const [blockChecksum, hasSize, hasDictionary] = [(flags >> 4) & 1, (flags >> 3) & 1, flags & 1];
  if (hasDictionary) throw new Error('an LZ4 frame with a dictionary');
  if (hasSize && view.getBigUint64(6, true) !== BigInt(length)) throw new Error('an LZ4 frame of another length');
  const out = new Uint8Array(length);
  let end = 0;
  for (let i = hasSize ? 15 : 7; ; ) {
    const size = view.getUint32(i, true);
    i += 4;
    if (size === 0) break;
    const bytes = size & 0x7fffffff;
    if (bytes > frame.length - i) throw new Error('an LZ4 frame ends inside a block');
    const block = frame.subarray(i, i + bytes);
    if (size >>> 31) {
      if (bytes > length - end) throw new Error('an LZ4 block is too long');
      out.set(block, end);
      end += bytes;
    } else end = decodeLz4Block(block, out, end);
    i += bytes + 4 * blockChecksum;
  }
  if (end !== length) throw new Error('an LZ4 frame is too short');
  return out;
}

export const lz4Magic = 0x184d2204;

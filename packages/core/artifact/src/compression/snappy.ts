/**
 * Decodes a Snappy block of `length` bytes. Strict and sure to end, which the decoders of npm are not where the block is damaged.
 * Source: https://github.com/google/snappy/blob/main/format_description.txt
 *
 * @throws Error if it is damaged or holds another number of bytes
 */
export function decodeSnappy(block: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  let i = 0;
  let end = 0;
  const number = (bytes: number) => {
    if (bytes > block.length - i) throw new Error('a Snappy block ends inside a tag');
    let value = 0;
    for (let k = 0; k < bytes; k++) value += block[i++] * 2 ** (8 * k);
    return value;
  };
  let said = 0;
  for (let shift = 0; ; shift += 7) {
    if (shift > 28) throw new Error('a Snappy block has no length');
    const byte = number(1);
    said += (byte & 127) * 2 ** shift;
    if (byte < 128) break;
  }
  if (said !== length) throw new Error(`a Snappy block holds ${said} bytes instead of ${length}`);
  while (i < block.length) {
    const tag = block[i++];
    const kind = tag & 3;
    if (kind === 0) {
      const bytes = (tag < 240 ? tag >> 2 : number((tag >> 2) - 59)) + 1;
      if (bytes > block.length - i || bytes > length - end) throw new Error('a Snappy literal reaches too far');
      out.set(block.subarray(i, i + bytes), end);
      i += bytes;
      end += bytes;
      continue;
    }
    const bytes = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const offset = kind === 1 ? ((tag >> 5) << 8) + number(1) : number(kind === 2 ? 2 : 4);
    if (offset === 0 || offset > end || bytes > length - end) throw new Error('a Snappy copy reaches too far');
    for (let k = 0; k < bytes; k++) out[end + k] = out[end + k - offset];
    end += bytes;
  }
  if (end !== length) throw new Error('a Snappy block is too short');
  return out;
}

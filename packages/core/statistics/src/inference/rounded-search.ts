/** A product in bytes around 128, [rows x stride], a row's place being a multiple of 16; and the same memory four at a time (lowest first). */
export interface ByteProduct {
  bytes: Uint8Array;
  words: Int32Array;
}

/** Memory of a product that grows to what is asked for, and is used again. */
export function byteMemory(): (length: number) => ByteProduct {
  let memory = new ArrayBuffer(0);
  return (length) => {
    if (memory.byteLength < length) memory = new ArrayBuffer(length);
    return { bytes: new Uint8Array(memory, 0, length), words: new Int32Array(memory, 0, length / 4) };
  };
}

/** The step of a product in which sums above `within` are 64 or more. */
export const stepOf = (within: number) => Math.max(1e-3, within / 65.5);

/** The size in a product's bytes that sums above `within` have at least, where a byte can show it. */
export const sizeOf = (within: number, step: number) => Math.min(127, Math.floor(within / step - 0.51));

/**
 * The first place from `from` on that is `size` or more from 128, `stop` where there is none. Places from `stop` to the next multiple of 16 are 128.
 *
 * @param size at least 64
 */
export function nextLarge({ bytes, words }: ByteProduct, from: number, stop: number, size: number): number {
  const end = (stop + 15) >> 4;
  for (let group = from >> 4; group < end; group++) {
    group = skip(words, group, end);
    if (group >= end) break;
    for (let word = group << 2; word < (group << 2) + 4; word++) {
      // From the lowest byte up, as memory has them.
      for (let large = largeBytes(words[word]); large !== 0; large &= large - 1) {
        const place = (word << 2) + ((31 - Math.clz32(large & -large)) >> 3);
        if (place < from) continue;
        const value = bytes[place] - 128;
        if (value >= size || value <= -size) return place;
      }
    }
  }
  return stop;
}

/** The upper bits of four bytes. */
const upper = 0x80808080 | 0;

/** The upper bit of those of four bytes that are not from 64 to 191, whose two upper bits are equal. */
const largeBytes = (word: number) => ~(word ^ (word << 1)) & upper;

/** The first group of sixteen places of which one is large. */
function skip(words: Int32Array, from: number, end: number): number {
  let at = from << 2;
  for (const last = end << 2; at < last; at += 4) {
    const a = words[at];
    const b = words[at + 1];
    const c = words[at + 2];
    const d = words[at + 3];
    if (((a ^ (a << 1)) & (b ^ (b << 1)) & (c ^ (c << 1)) & (d ^ (d << 1)) & upper) !== upper) break;
  }
  return at >> 2;
}

/** IEEE 754 half precision, which Node 20 has no typed array for. */

let table: Float32Array | undefined;

/** All 65,536 half-precision values by their bits. */
function values(): Float32Array {
  if (table) return table;
  table = new Float32Array(65_536);
  for (let bits = 0; bits < 65_536; bits++) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    table[bits] =
      exponent === 0
        ? sign * fraction * 2 ** -24
        : exponent === 31
          ? fraction
            ? Number.NaN
            : sign * Number.POSITIVE_INFINITY
          : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  return table;
}

/** Half-precision bits to float32, exactly. */
export function decodeFloat16(bits: Uint16Array, out: Float32Array = new Float32Array(bits.length)): Float32Array {
  const lookup = values();
  for (let i = 0; i < bits.length; i++) out[i] = lookup[bits[i]];
  return out;
}

const word = new Float32Array(1);
const wordBits = new Uint32Array(word.buffer);

/**
 * One float32 to half-precision bits, rounded to nearest, ties to even. Beyond 65,504 (rounded) it is infinite; any NaN is 0x7e00.
 *
 * @example encodeFloat16Value(1) // 0x3c00
 */
export function encodeFloat16Value(value: number): number {
  word[0] = value;
  const bits = wordBits[0];
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return 0x7e00;
  if (magnitude === 0x7f800000) return sign | 0x7c00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // Subnormal halves: count in units of 2^-24; the product is exact in float64, so one rounding remains.
    const scaled = Math.abs(word[0]) * 2 ** 24;
    const floor = Math.floor(scaled);
    const rest = scaled - floor;
    return sign | (rest > 0.5 || (rest === 0.5 && floor & 1) ? floor + 1 : floor);
  }
  const rounded = magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1);
  return sign | (rounded >>> 13);
}

/** Float32 to half-precision bits. Returns the index of the first finite value that overflows, or -1. */
export function encodeFloat16(source: Float32Array, out: Uint16Array): number {
  let overflow = -1;
  for (let i = 0; i < source.length; i++) {
    const half = encodeFloat16Value(source[i]);
    out[i] = half;
    if ((half & 0x7fff) === 0x7c00 && overflow < 0 && Number.isFinite(source[i])) overflow = i;
  }
  return overflow;
}

/** Index of the first infinity among half-precision bits, or -1. */
export function firstInfiniteFloat16(bits: Uint16Array): number {
  const start = bits.byteOffset % 4 === 0 ? 0 : Math.min(1, bits.length);
  if (firstInfinity(bits, 0, start) === 0) return 0;
  const offset = Math.ceil(bits.byteOffset / 4) * 4;
  const pairs = new Int32Array(bits.buffer, bits.length === 0 ? 0 : offset, (bits.length - start) >> 1);
  // Sixteen at a time: added to an exponent of ones this carries into the sign's place; signs are masked out before.
  const exponents = 0x7c007c00;
  const one = 0x04000400;
  const carries = (p: number) => (pairs[p] & exponents) + one;
  let p = 0;
  for (; p + 8 <= pairs.length; p += 8) {
    const first = carries(p) | carries(p + 1) | carries(p + 2) | carries(p + 3);
    const second = carries(p + 4) | carries(p + 5) | carries(p + 6) | carries(p + 7);
    if (((first | second) & 0x80008000) === 0) continue;
    const found = firstInfinity(bits, start + 2 * p, start + 2 * p + 16);
    if (found >= 0) return found;
  }
  return firstInfinity(bits, start + 2 * p, bits.length);
}

function firstInfinity(bits: Uint16Array, from: number, to: number): number {
  for (let i = from; i < to; i++) if ((bits[i] & 0x7fff) === 0x7c00) return i;
  return -1;
}

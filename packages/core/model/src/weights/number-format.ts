import { decodeFloat16 } from '@galvani/numerics';

/** Bits of one number in each of safetensors' formats. */
const bits: Record<string, number> = {
  F64: 64,
  F32: 32,
  F16: 16,
  BF16: 16,
  F8_E4M3: 8,
  F8_E5M2: 8,
  F8_E8M0: 8,
  F6_E2M3: 6,
  F6_E3M2: 6,
  F4: 4,
  C64: 64,
  I64: 64,
  I32: 32,
  I16: 16,
  I8: 8,
  U64: 64,
  U32: 32,
  U16: 16,
  U8: 8,
  BOOL: 8,
};

/** Bits of one number, undefined for a format that safetensors does not know. */
export function bitsOf(dtype: string): number | undefined {
  return Object.hasOwn(bits, dtype) ? bits[dtype] : undefined;
}

/** The formats that are read as weights. */
export const weightFormats = ['F32', 'F16', 'BF16', 'F64'] as const;
export type WeightFormat = (typeof weightFormats)[number];

export function isWeightFormat(dtype: string): dtype is WeightFormat {
  return (weightFormats as readonly string[]).includes(dtype);
}

/** Writes little-endian numbers as float32 to `out` from index `at` on. */
export function decodeNumbers(bytes: Uint8Array, dtype: WeightFormat, out: Float32Array, at = 0): void {
  const count = (bytes.byteLength * 8) / bits[dtype];
  // A typed array cannot start at an odd byte; a copy can.
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
  const { buffer, byteOffset } = aligned;
  if (dtype === 'F32') out.set(new Float32Array(buffer, byteOffset, count), at);
  else if (dtype === 'F64') out.set(new Float64Array(buffer, byteOffset, count), at);
  else if (dtype === 'F16') {
    decodeFloat16(new Uint16Array(buffer, byteOffset, count), out.subarray(at, at + count));
  } else {
    const from = new Uint16Array(buffer, byteOffset, count);
    const to = new Uint32Array(out.buffer, out.byteOffset + at * 4, count);
    for (let i = 0; i < count; i++) to[i] = from[i] << 16;
  }
}

/** Index of the first NaN or infinity, -1 where every number is finite. */
export function firstNonFinite(values: Float32Array): number {
  const raw = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < raw.length; i++) if ((raw[i] & 0x7f800000) === 0x7f800000) return i;
  return -1;
}

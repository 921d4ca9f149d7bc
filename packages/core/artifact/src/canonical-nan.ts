/**
 * NaN has many bit patterns, and which of them a computation leaves depends on the processor and on how code was compiled.
 * What galvani computes is written with one of them, so that equal values give equal bytes.
 */
const quiet = { float64: [0, 0x7ff80000], float32: [0x7fc00000] } as const;

/** Gives every NaN of an array the same bits, in place. Returns the array. */
export function canonicalNaN<T extends Float64Array | Float32Array>(values: T): T {
  const pattern = values instanceof Float64Array ? quiet.float64 : quiet.float32;
  let words: Uint32Array | undefined;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isNaN(values[i])) continue;
    words ??= new Uint32Array(values.buffer, values.byteOffset, values.length * pattern.length);
    words.set(pattern, i * pattern.length);
  }
  return values;
}

/** The same for one number. */
export function canonicalNumber(value: number): number {
  return Number.isNaN(value) ? Number.NaN : value;
}

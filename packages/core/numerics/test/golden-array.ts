import { readFileSync } from 'node:fs';

/** A fixture of raw little-endian float64. */
export function goldenArray(name: string, folder: URL = new URL('fixtures/', import.meta.url)): Float64Array {
  const bytes = readFileSync(new URL(`${name}.f64`, folder));
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

import { readFileSync } from 'node:fs';
import type { DesignMatrix } from '../src/index.js';

const folder = new URL('fixtures/golden/', import.meta.url);

/** What the golden data set says of itself. */
export const manifest = JSON.parse(readFileSync(new URL('manifest.json', folder), 'utf8'));

/** A golden array, raw little-endian float64. */
export function golden(name: string): Float64Array {
  const bytes = readFileSync(new URL(`${name}.f64`, folder));
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/** Row `row` of a golden array of [rows x columns]. */
export function goldenRow(name: string, row: number, columns: number): Float64Array {
  return golden(name).slice(row * columns, (row + 1) * columns);
}

/** The design of a golden run. */
export function goldenDesign(run: 1 | 2): DesignMatrix {
  const { columns: names, T: rows } = manifest.meta[`run${run}`];
  return { names, X: golden(`run${run}_X`), rows, columns: names.length };
}

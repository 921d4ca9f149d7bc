import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
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

/** Every number within a relative tolerance. */
export function expectClose(got: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number, what = ''): void {
  expect(got.length).toBe(wanted.length);
  let worst = 0;
  let at = 0;
  for (let i = 0; i < got.length; i++) {
    const error = Math.abs(got[i] - wanted[i]) / Math.max(Math.abs(wanted[i]), 1e-300);
    if (!(error <= worst)) {
      worst = error;
      at = i;
    }
  }
  expect(worst, `${what} element ${at}: ${got[at]}, not ${wanted[at]}`).toBeLessThanOrEqual(tolerance);
}

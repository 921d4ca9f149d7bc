import type { Tensor } from '@galvani/onnx';
import { numbersOf, type Precision, tensorOf } from './row-products.js';

/** Rows of left matrices for a range of arrangements: vectors whose entries are permuted, and perhaps change sign. */
export interface ArrangedRows {
  /** First arrangement, and their number. */
  from: number;
  count: number;
  /** [vectors * count x B]; undefined for no vectors. */
  rows?: Tensor;
}

/** Arrangements in one product: at most 512, in batches of one size. */
export function batchesOf(count: number): [from: number, count: number][] {
  const size = Math.ceil(count / Math.ceil(count / 512));
  return Array.from({ length: Math.ceil(count / size) }, (_, i) => [i * size, Math.min(count - i * size, size)]);
}

/**
 * The vectors under each arrangement of a batch, one below the other.
 *
 * @param source [m x B], the entry that each row gets
 * @param signs [m x B] of 1 and -1, or undefined
 */
export function arrangeRows(
  vectors: readonly Float64Array[],
  { source, signs }: { source?: Int32Array; signs?: Int8Array },
  [from, count]: readonly [number, number],
  precision: Precision,
): ArrangedRows {
  if (vectors.length === 0) return { from, count };
  const B = vectors[0].length;
  const first = from * B;
  const size = count * B;
  const values = numbersOf(precision, vectors.length * size);
  for (const [k, vector] of vectors.entries())
    for (let i = 0; i < size; i++)
      values[k * size + i] = vector[source ? source[first + i] : i % B] * (signs?.[first + i] ?? 1);
  return { from, count, rows: tensorOf(values, [vectors.length * count, B]) };
}

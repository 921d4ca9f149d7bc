import { Tensor } from '@galvani/onnx';
import type { CacheShape } from '../graph/attention.js';

/** Keys and values of some rows. Each run reads them and writes to the same memory: the attention kernel adds the step's keys and values in place. */
export interface KeyValueCache {
  rows: number;
  /** Positions that there is memory for. */
  capacity: number;
  /** Of `0.key`, `0.value`, `1.key`, …: [rows, heads, capacity, headSize]. */
  buffers: { name: string; data: Float32Array; heads: number; headSize: number }[];
}

/** A cache of so many rows and positions. What a text left in it is beyond the keys that the next one sees. */
export function createCache(shapes: readonly CacheShape[], rows: number, capacity: number): KeyValueCache {
  return {
    rows,
    capacity,
    buffers: shapes.flatMap(({ heads, headSize }, i) =>
      ['key', 'value'].map((part) => ({
        name: `${i}.${part}`,
        data: new Float32Array(rows * heads * capacity * headSize),
        heads,
        headSize,
      })),
    ),
  };
}

/** The cache of some neighbouring rows as feeds (`past`) and fetches (`present`) of a run: the same tensors. */
export function cacheTensors(
  cache: KeyValueCache,
  firstRow = 0,
  rows = cache.rows,
): { past: Record<string, Tensor>; present: Record<string, Tensor> } {
  const past: Record<string, Tensor> = {};
  const present: Record<string, Tensor> = {};
  for (const { name, data, heads, headSize } of cache.buffers) {
    const size = heads * cache.capacity * headSize;
    const part = data.subarray(firstRow * size, (firstRow + rows) * size);
    const tensor = new Tensor('float32', part, [rows, heads, cache.capacity, headSize]);
    past[`past.${name}`] = tensor;
    present[`present.${name}`] = tensor;
  }
  return { past, present };
}

import { Tensor } from '@galvani/onnx';
import { type CachePart, cacheSize } from '../graph/block-cache.js';

/**
 * What blocks keep of some rows from run to run: keys and values, or states that are carried from token to token. Each run reads it and writes to the same memory: the
 * attention kernel adds the step's keys and values in place.
 */
export interface KeyValueCache {
  rows: number;
  /** Positions that there is memory for. */
  capacity: number;
  /** Of `0.key`, `0.value`, `1.key`, …, each [rows, ...dims]. */
  buffers: { part: CachePart; data: Float32Array }[];
}

/** A cache of so many rows and positions. What a text left in it is beyond the keys that the next one sees, and states begin anew with a text. */
export function createCache(blocks: readonly (readonly CachePart[])[], rows: number, capacity: number): KeyValueCache {
  return {
    rows,
    capacity,
    buffers: blocks.flat().map((part) => ({ part, data: new Float32Array(rows * cacheSize(part, capacity)) })),
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
  for (const { part, data } of cache.buffers) {
    const size = cacheSize(part, cache.capacity);
    const dims = part.dims.map((length) => (length === 'capacity' ? cache.capacity : length));
    const own = data.subarray(firstRow * size, (firstRow + rows) * size);
    const tensor = new Tensor('float32', own, [rows, ...dims]);
    past[`past.${part.name}`] = tensor;
    for (const name of [part.name, ...(part.also ?? [])]) present[`present.${name}`] = tensor;
  }
  return { past, present };
}

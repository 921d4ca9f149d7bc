import { type InferenceSession, Tensor } from 'onnxruntime-node';
import type { CacheShape } from '../graph/attention.js';

/** Caches of keys and values for some rows: fed as past and fetched as present, so that they grow in place. */
export interface KeyValueCache {
  rows: number;
  /** Positions that it has room for. */
  capacity: number;
  /** Of `past.i.key`, `past.i.value`, …: [rows, heads, capacity, headSize]. */
  buffers: { name: string; data: Float32Array; rowShape: number[] }[];
}

export function createCache(shapes: readonly CacheShape[], rows: number, capacity: number): KeyValueCache {
  return {
    rows,
    capacity,
    buffers: shapes.flatMap(({ heads, headSize }, i) =>
      ['key', 'value'].map((part) => ({
        name: `${i}.${part}`,
        data: new Float32Array(rows * heads * capacity * headSize),
        rowShape: [heads, capacity, headSize],
      })),
    ),
  };
}

/** Tensors over the cache of some neighbouring rows, as feeds and as fetches of a run. */
export function cacheTensors(
  cache: KeyValueCache,
  firstRow = 0,
  rows = cache.rows,
): { past: Record<string, Tensor>; present: Record<string, Tensor> } {
  const past: Record<string, Tensor> = {};
  const present: Record<string, Tensor> = {};
  for (const { name, data, rowShape } of cache.buffers) {
    const size = rowShape.reduce((a, b) => a * b, 1);
    const part = data.subarray(firstRow * size, (firstRow + rows) * size);
    const tensor = new Tensor('float32', part, [rows, ...rowShape]);
    past[`past.${name}`] = tensor;
    present[`present.${name}`] = tensor;
  }
  return { past, present };
}

/** The tokens of one run: [rows, columns], padded on the right. */
export interface RunTokens {
  rows: number;
  columns: number;
  ids: BigInt64Array;
  positions: BigInt64Array;
  /** Keys in each row's cache after the run, less one [rows]. */
  lastKeys: Int32Array;
  /** Rows of rows × columns for which logits are computed. */
  headRows: BigInt64Array;
}

/** Feeds of a run over tokens. */
export function tokenFeeds(tokens: RunTokens): InferenceSession.FeedsType {
  const { rows, columns } = tokens;
  const longest = tokens.lastKeys.reduce((a, b) => Math.max(a, b), 0) + 1;
  return {
    input_ids: new Tensor('int64', tokens.ids, [rows, columns]),
    position_ids: new Tensor('int64', tokens.positions, [rows, columns]),
    seqlens_k: new Tensor('int32', tokens.lastKeys, [rows]),
    total_sequence_length: new Tensor('int32', Int32Array.of(longest), []),
    head_rows: new Tensor('int64', tokens.headRows, [tokens.headRows.length]),
  };
}

import { Tensor } from 'onnxruntime-node';
import type { CacheShape } from '../graph/attention.js';
import type { RunTokens } from './runner.js';

/** Keys and values of some rows, fed to every run; what a run adds comes back from it and is put in its place here. */
export interface KeyValueCache {
  rows: number;
  /** Positions that there is memory for. */
  room: number;
  /** Positions that runs are shown: as few as will do, since the kernel clears and copies them all. */
  capacity: number;
  /** Of `past.i.key`, `past.i.value`, …: [rows, heads, capacity, headSize], at the start of memory for more. */
  buffers: {
    name: string;
    data: Float32Array;
    /** What a run adds: [rows, columns, heads × headSize], at the start of memory for more. */
    added: Float32Array;
    heads: number;
    headSize: number;
  }[];
}

/** An empty cache. Capacity grows by itself, up to `room`. */
export function createCache(shapes: readonly CacheShape[], rows: number, room: number): KeyValueCache {
  return {
    rows,
    room,
    capacity: Math.min(room, capacityStep),
    buffers: shapes.flatMap(({ heads, headSize }, i) =>
      ['key', 'value'].map((part) => ({
        name: `${i}.${part}`,
        data: new Float32Array(rows * heads * room * headSize),
        added: new Float32Array(rows * heads * headSize),
        heads,
        headSize,
      })),
    ),
  };
}

const capacityStep = 16;

/** Forgets what the cache holds. */
export function clearCache(cache: KeyValueCache): void {
  cache.capacity = Math.min(cache.room, capacityStep);
}

/** Tensors over the cache of some neighbouring rows, as feeds of a run. */
export function pastFeeds(cache: KeyValueCache, firstRow = 0, rows = cache.rows): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {};
  for (const { name, data, heads, headSize } of cache.buffers) {
    const size = heads * cache.capacity * headSize;
    const part = data.subarray(firstRow * size, (firstRow + rows) * size);
    feeds[`past.${name}`] = new Tensor('float32', part, [rows, heads, cache.capacity, headSize]);
  }
  return feeds;
}

/** Fetches of a run over [rows, columns] tokens that put its keys and values where `appendKeys` looks for them. */
export function newKeyFetches(cache: KeyValueCache, rows: number, columns: number): Record<string, Tensor> {
  const fetches: Record<string, Tensor> = {};
  for (const buffer of cache.buffers) {
    const width = buffer.heads * buffer.headSize;
    if (buffer.added.length < rows * columns * width) buffer.added = new Float32Array(rows * columns * width);
    const part = buffer.added.subarray(0, rows * columns * width);
    fetches[`new.${buffer.name}`] = new Tensor('float32', part, [rows, columns, width]);
  }
  return fetches;
}

/** Puts the keys and values that a run added where the run's tokens stand; padding is left out. */
export function appendKeys(cache: KeyValueCache, tokens: RunTokens, firstRow = 0): void {
  const { rows, columns, positions, lastKeys } = tokens;
  ensureCapacity(cache, lastKeys.reduce((most, last) => Math.max(most, last), 0) + 1);
  const { capacity } = cache;
  for (const { data, added, heads, headSize } of cache.buffers)
    for (let r = 0; r < rows; r++) {
      const first = Number(positions[r * columns]);
      for (let c = 0; c <= lastKeys[r] - first; c++)
        for (let h = 0; h < heads; h++) {
          const from = ((r * columns + c) * heads + h) * headSize;
          const to = (((firstRow + r) * heads + h) * capacity + first + c) * headSize;
          for (let i = 0; i < headSize; i++) data[to + i] = added[from + i];
        }
    }
}

/** Makes room for `needed` positions: rows and heads move apart, last first, within the memory that they have. */
function ensureCapacity(cache: KeyValueCache, needed: number): void {
  const { capacity, room } = cache;
  if (needed <= capacity) return;
  const wider = Math.min(room, Math.ceil(needed / capacityStep) * capacityStep);
  for (const { data, heads, headSize } of cache.buffers)
    for (let i = cache.rows * heads - 1; i > 0; i--)
      data.copyWithin(i * wider * headSize, i * capacity * headSize, (i + 1) * capacity * headSize);
  cache.capacity = wider;
}

import type { TaskPatterns } from './task-patterns.js';
import { groupSize } from './unit-groups.js';

/** Patterns in tiles of units, whose products with some labels stay in the processor's cache. */
export interface TiledUnits {
  units: number;
  /** Prompts of all runs. */
  rows: number;
  /** Units of a tile, of which the last tile's may be beyond all units and hold 0. */
  width: number;
  /** [tiles x rows x width]; 0 for a unit whose values are not all finite, which has no t whatever its sums. */
  values: Float32Array;
  /** Of each unit the sum of its squares, [units]. */
  total: Float64Array;
}

/** @param width wanted, about */
export function tileUnits(
  { units, values, isTask }: Pick<TaskPatterns, 'units' | 'values' | 'isTask'>,
  width: number,
): TiledUnits {
  const rows = isTask.length;
  const own = groupSize * Math.ceil(Math.min(units, Math.max(1, width)) / groupSize);
  const total = new Float64Array(units);
  const tiled = new Float32Array(Math.ceil(units / own) * rows * own);
  for (let from = 0, first = 0; from < units; from += own, first += rows * own) {
    const until = Math.min(units, from + own);
    for (let row = 0; row < rows; row++)
      for (let u = from, at = row * units + from, to = first + row * own; u < until; u++, at++, to++) {
        tiled[to] = values[at];
        total[u] += Math.fround(values[at] * values[at]);
      }
    for (let u = from; u < until; u++)
      if (!Number.isFinite(total[u]))
        for (let row = 0, to = first + u - from; row < rows; row++, to += own) tiled[to] = 0;
  }
  return { units, rows, width: own, values: tiled, total };
}

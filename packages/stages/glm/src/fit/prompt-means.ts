import { addToPromptSums } from '@galvani/artifact';
import { type PromptLayout, segmentsOf } from '@galvani/statistics';
import type { UnitPart } from './unit-passes.js';

/** Means over prompts of the units of a pass, gathered from rows in any chunks. */
export interface PromptMeans {
  addRows(part: Pick<UnitPart, 'first' | 'units'>, values: Float32Array | Float64Array, firstRow: number): void;
  /** [prompts x units] when every row has been added. */
  means(): Float64Array;
}

/**
 * @param levelled take means about each unit's first value, which intercepts of runs explain anyway: a level 1e12 times the
 *   spread, which a series in float64 may have, would leave nothing of the spread in a sum
 */
export function promptMeans(layout: PromptLayout, units: number, levelled: boolean): PromptMeans {
  const { count, ofRow, length } = segmentsOf(layout);
  const sums = new Float64Array(count * units);
  const level = new Float64Array(levelled ? units : 0);
  return {
    addRows({ first, units: width }, values, firstRow) {
      const rows = values.length / width;
      if (levelled && firstRow === 0) level.set(values.subarray(0, width), first);
      const given = levelled ? Float64Array.from(values) : values;
      if (levelled)
        for (let r = 0; r < rows; r++) for (let u = 0; u < width; u++) given[r * width + u] -= level[first + u];
      addToPromptSums(sums, given, { units, first, width, rows }, ofRow, firstRow);
    },
    means() {
      for (let p = 0; p < count; p++) for (let u = p * units; u < (p + 1) * units; u++) sums[u] /= length[p];
      return sums;
    },
  };
}

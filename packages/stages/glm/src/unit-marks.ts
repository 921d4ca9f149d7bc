import type { ActivationColumn } from '@galvani/artifact';
import { type PromptLayout, segmentsOf, unitCopies } from '@galvani/statistics';
import type { UnitPart } from './fit/unit-passes.js';

/** Looks for units that copy others of their site, while a layer is fitted. */
export interface CopySearch {
  watchMeans(parts: readonly UnitPart[], means: Float64Array): void;
  /** For each unit of the layer the place in its site of the unit that it copies, -1 for none. */
  copyOf(): Int32Array;
}

/**
 * The search of `unitCopies` in every site of a layer, each when the last of its units has been read.
 *
 * @param last units to be copies rather than copied, as 1, for each unit of the layer
 */
export function searchCopies(columns: readonly ActivationColumn[], layout: PromptLayout, last: Uint8Array): CopySearch {
  const { count, run } = segmentsOf(layout);
  const firstOf = columns.map((_, c) => columns.slice(0, c).reduce((sum, { width }) => sum + width, 0));
  const copyOf = new Int32Array(last.length);
  /** Means of a site whose units are shared out to several passes, and how many are still to come. */
  const gathered = new Map<number, { means: Float64Array; missing: number }>();
  const search = (c: number, means: Float64Array, units: number, first: number) => {
    const { width } = columns[c];
    const from = firstOf[c];
    copyOf.set(unitCopies(means, { units, first, width }, run, last.subarray(from, from + width)), from);
  };
  return {
    watchMeans(parts, means) {
      const units = parts.reduce((sum, part) => sum + part.units, 0);
      for (const { first, pieces } of parts) {
        let at = first;
        for (const { column, width, from, until } of pieces) {
          const whole = until - from === width;
          if (whole) search(column, means, units, at);
          else {
            const site = gathered.get(column) ?? { means: new Float64Array(count * width), missing: width };
            gathered.set(column, site);
            for (let p = 0; p < count; p++)
              site.means.set(means.subarray(p * units + at, p * units + at + until - from), p * width + from);
            site.missing -= until - from;
            if (site.missing === 0) {
              search(column, site.means, width, 0);
              gathered.delete(column);
            }
          }
          at += until - from;
        }
      }
    },
    copyOf: () => copyOf,
  };
}

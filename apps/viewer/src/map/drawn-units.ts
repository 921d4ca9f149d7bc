import type { Threshold } from '../address.js';
import type { MapData } from './map-data.js';
import { countAbove, type Ranked, type Sign } from './threshold.js';

export interface DrawnUnits {
  /** Of each unit 1 where it is drawn; undefined where all are that were tested. */
  units?: Uint8Array;
  /** Whether they are the most extreme of all. */
  extreme: boolean;
  count: number;
}

/** The units that a threshold leaves: those whose statistic is as large, or whose corrected p is as small. */
export function drawnUnits(
  { values, corrected }: Pick<MapData, 'values' | 'corrected'>,
  ranked: Ranked,
  { by, threshold, sign }: { by: Threshold; threshold?: number; sign: Sign },
): DrawnUnits {
  if (threshold === undefined && sign === 'both') return { count: ranked.order.length, extreme: true };
  const units = new Uint8Array(values.length);
  const log10p = by === 'statistic' ? undefined : corrected.get(by);
  if (log10p) {
    // A p of exactly the threshold passes, and its logarithm must not lose that by rounding.
    const limit = threshold === undefined ? Number.POSITIVE_INFINITY : Math.log10(threshold) + 1e-12;
    let count = 0;
    for (const unit of ranked.order)
      if (log10p[unit] <= limit) {
        units[unit] = 1;
        count++;
      }
    return { units, count, extreme: false };
  }
  const count = threshold === undefined ? ranked.order.length : countAbove(ranked, threshold);
  for (let place = 0; place < count; place++) units[ranked.order[place]] = 1;
  return { units, count, extreme: sign === 'both' };
}

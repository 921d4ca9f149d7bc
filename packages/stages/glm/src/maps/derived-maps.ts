import type { MapStatistics } from '@galvani/artifact';
import {
  type Conjunction,
  conjunction,
  contrastT,
  type FamilywiseNull,
  maximumNull,
  planSignFlips,
  randomEffects,
  type TContrastResult,
} from '@galvani/statistics';
import { plainStatistics } from '../fit/corrected-statistics.js';

/** A second level whose sessions' effects come layer by layer. */
export interface SecondLevel {
  df: number;
  /** @param effects of each session, [units] */
  testEffects(
    effects: readonly Float64Array[],
  ): Promise<{ statistics: MapStatistics; flags: Uint8Array; t: Float64Array }>;
  /** See `MaximumNull`. */
  gathered: readonly Float64Array[];
  familywise(): FamilywiseNull;
  /** The least family-wise p that there is. */
  smallestP: number;
}

/**
 * A task over sessions as random effects: a t test of the sessions' mean effects, family-wise by flipping the signs of
 * whole sessions. With few sessions there are few flips, so the smallest p is large.
 */
export function secondLevel(sessions: number, count: number, seed: string): SecondLevel {
  const gathered = maximumNull(planSignFlips({ rows: sessions, count, seed }));
  return {
    df: sessions - 1,
    async testEffects(effects) {
      const units = effects[0].length;
      const fit = randomEffects(effects);
      const joined = new Float64Array(sessions * units);
      for (const [s, own] of effects.entries()) joined.set(own, s * units);
      const { statistic } = await gathered.add(joined);
      return { statistics: plainStatistics(contrastT(fit, Float64Array.of(1))), flags: fit.flags, t: statistic };
    },
    gathered: gathered.gathered,
    familywise: () => gathered.finish(),
    smallestP: gathered.smallestP,
  };
}

/** What several tasks have in common, with one sign: the least extreme of their statistics. */
export function conjunctionStatistics(results: readonly TContrastResult[]): MapStatistics {
  const { z, log10p }: Conjunction = conjunction(results, 'same');
  return { z, log10_p: log10p };
}

/** Corrected p of a conjunction: the largest of the tasks' own, 1 where their signs differ. */
export function conjunctionP(z: Float32Array | Float64Array, log10p: readonly Float64Array[]): Float64Array {
  return Float64Array.from(z, (value, v) => {
    if (Number.isNaN(value)) return Number.NaN;
    return value === 0 ? 0 : log10p.reduce((largest, own) => Math.max(largest, own[v]), Number.NEGATIVE_INFINITY);
  });
}

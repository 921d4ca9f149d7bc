import type { MapStatistics, StoredStatistics } from '@galvani/artifact';
import type { PlannedMap } from './planned-maps.js';

/**
 * Columns of the map of a run. There are many of them, and the rest follows: variance = (effect / t)^2, and the two-sided p is the normal
 * deviate's.
 */
const ofRuns = ['effect', 't', 'z', 'd', 'relabelled'];

/** A threshold must not hang on rounding, and a variance may be the square of what float32 just holds. */
const inFull = ['log10_p', 'variance'];

/** Statistics as maps store them: as float32, like the activations that they are of; p and variances as float64. */
export function storedStatistics(kind: PlannedMap['kind'], statistics: MapStatistics): StoredStatistics {
  const kept = Object.entries(statistics).filter(([name]) => kind !== 'run' || ofRuns.includes(name));
  return Object.fromEntries(
    kept.map(([name, values]) => [name, inFull.includes(name) ? values : Float32Array.from(values)]),
  );
}

import { relabelledP, relabelSessions } from '../reliability/relabelled-sessions.js';
import { noiseCeiling } from './noise-ceiling.js';
import { conditionPairs } from './pattern-cells.js';

/** Mean over the numbers of sessions. */
export const meanOverSessions = (values: Float64Array): number =>
  values.reduce((sum, own) => sum + own, 0) / values.length;

/**
 * Whether sessions agree on how conditions lie to each other: one-sided p of the lower ceiling's mean over sessions, from conditions exchanged within
 * each session but the first, all together, so that a session's matrix keeps its entries. All exchanges where there are at most `count`.
 * NaN where there is no ceiling.
 *
 * @param distances of each session, [sessions x pairs]
 */
export function ceilingP(
  distances: Float64Array,
  { sessions, conditions }: { sessions: number; conditions: number },
  { count, seed }: { count: number; seed: number | string },
): number {
  const own = meanOverSessions(noiseCeiling(distances, sessions).lower);
  if (Number.isNaN(own)) return own;
  const pairs = conditionPairs(conditions);
  const place = new Map(pairs.flatMap(([a, b], k) => [a * conditions + b, b * conditions + a].map((at) => [at, k])));
  const { runOf, count: labellings, exhaustive } = relabelSessions(conditions, sessions, count, seed);
  const relabelled = Float64Array.from({ length: labellings }, (_, m) => {
    const moved = distances.map((_, at) => {
      const session = Math.floor(at / pairs.length);
      const from = (m * sessions + session) * conditions;
      const [a, b] = pairs[at % pairs.length];
      return distances[session * pairs.length + place.get(runOf[from + a] * conditions + runOf[from + b])!];
    });
    return meanOverSessions(noiseCeiling(moved, sessions).lower);
  });
  return relabelledP(own, relabelled, exhaustive);
}

import { excessOverDraws, stepDownFamily } from '../inference/step-down-family.js';

/** How much more two networks share than relabelled ones do, by pair, [tasks x tasks], symmetric; NaN on the diagonal. */
export interface OverlapTest {
  /** Shared by relabelled networks, mean over both ways. */
  expected: Float64Array;
  /** One-sided p of the pair alone. */
  p: Float64Array;
  /** The same, corrected over all pairs. */
  familywise: Float64Array;
}

/**
 * Each pair is tested both ways (either network relabelled, the other as it is) and has the larger p, so that what two networks share is more
 * than either gives by chance (intersection-union; Berger, Technometrics 24 (1982)). Over pairs, the excess in standard deviations of the
 * relabellings is held against the largest under the same relabelling of any pair, either way, that exceeds by no more itself
 * (`stepDownFamily`). p = (b + 1) / (m + 1), never 0.
 *
 * @param observed units shared, [tasks x tasks], symmetric
 * @param shared by relabelled networks, [relabelled task x other task x count]
 * @param defined whether a network has members; what is empty is not tested
 */
export function overlapTest(
  observed: ArrayLike<number>,
  shared: Uint32Array,
  count: number,
  defined: readonly boolean[],
): OverlapTest {
  const tasks = defined.length;
  const tested = (a: number, b: number) => a !== b && defined[a] && defined[b];
  const [expected, p, familywise] = [0, 1, 2].map(() => new Float64Array(tasks * tasks).fill(Number.NaN));
  const means = new Float64Array(tasks * tasks);
  const excess = new Float64Array(tasks * tasks);
  const relabelled: Float64Array[] = [];
  const way = p.slice();
  for (let a = 0; a < tasks; a++)
    for (let b = 0; b < tasks; b++) {
      if (!tested(a, b)) continue;
      const at = a * tasks + b;
      const own = shared.subarray(at * count, (at + 1) * count);
      means[at] = own.reduce((sum, value) => sum + value, 0) / count;
      const beside = excessOverDraws(observed[at], own);
      excess[at] = beside.excess;
      relabelled[at] = beside.drawn;
      const reached = own.reduce((sum, value) => sum + (value >= observed[at] ? 1 : 0), 0);
      way[at] = (reached + 1) / (count + 1);
    }
  const pairs: [number, number][] = [];
  for (let a = 0; a < tasks; a++)
    for (let b = 0; b < a; b++) {
      if (!tested(a, b)) continue;
      const [at, other] = [b * tasks + a, a * tasks + b];
      for (const own of [at, other]) {
        expected[own] = (means[at] + means[other]) / 2;
        p[own] = Math.max(way[at], way[other]);
      }
      pairs.push([at, other]);
    }
  const corrected = stepDownFamily(
    pairs.map(([at, other]) => ({
      excess: Math.min(excess[at], excess[other]),
      drawn: [relabelled[at], relabelled[other]],
      p: p[at],
    })),
  );
  for (const [k, [at, other]] of pairs.entries()) familywise[at] = familywise[other] = corrected[k];
  return { expected, p, familywise };
}

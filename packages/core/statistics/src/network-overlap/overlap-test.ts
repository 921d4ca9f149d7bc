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
 * relabellings is held against the largest under the same relabelling of any pair, either way, that exceeds by no more itself (step-down;
 * Westfall and Young 1993, algorithm 4.1); p are made to rise from the pair that exceeds most.
 *
 * p = (b + 1) / (m + 1), never 0. The observed one is among those that the mean and the deviation are of.
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
      const mean = (means[at] * count + observed[at]) / (count + 1);
      const squares = own.reduce((sum, value) => sum + (value - mean) ** 2, (observed[at] - mean) ** 2);
      const deviation = Math.sqrt(squares / count);
      const excessOf = (value: number) => (deviation > 0 ? (value - mean) / deviation : 0);
      excess[at] = excessOf(observed[at]);
      relabelled[at] = Float64Array.from(own, excessOf);
      const reached = own.reduce((sum, value) => sum + (value >= observed[at] ? 1 : 0), 0);
      way[at] = (reached + 1) / (count + 1);
    }
  const pairs: { at: number; other: number; least: number }[] = [];
  for (let a = 0; a < tasks; a++)
    for (let b = 0; b < a; b++) {
      if (!tested(a, b)) continue;
      const [at, other] = [b * tasks + a, a * tasks + b];
      for (const own of [at, other]) {
        expected[own] = (means[at] + means[other]) / 2;
        p[own] = Math.max(way[at], way[other]);
      }
      pairs.push({ at, other, least: Math.min(excess[at], excess[other]) });
    }
  pairs.sort((x, y) => x.least - y.least);
  const largest = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  const ofPairs = pairs.map(({ at, other, least }) => {
    let reached = 0;
    for (let r = 0; r < count; r++) {
      largest[r] = Math.max(largest[r], relabelled[at][r], relabelled[other][r]);
      if (largest[r] >= least) reached++;
    }
    return Math.max(p[at], (reached + 1) / (count + 1));
  });
  let highest = 0;
  for (let k = pairs.length - 1; k >= 0; k--) {
    highest = Math.max(highest, ofPairs[k]);
    familywise[pairs[k].at] = familywise[pairs[k].other] = highest;
  }
  return { expected, p, familywise };
}

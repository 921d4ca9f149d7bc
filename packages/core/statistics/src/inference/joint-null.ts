import {
  extremenessOf,
  type FamilywiseNull,
  type FamilywiseP,
  firstAtLeast,
  type Joinable,
} from './familywise-null.js';

/**
 * The null of several families taken as one (the maps of several tasks): the largest of their maxima. Their relabellings are
 * independent of each other, each of its own runs, so any of one goes with any of another.
 *
 * Random parts are paired: relabelling i of the whole is relabelling i of each part. An exhaustive part goes with every
 * relabelling of the others, so that of exhaustive parts p is exact: 1 - (1 - b1 / m1) (1 - b2 / m2) ... No p is below the
 * part's own.
 *
 * @param parts of one tail; random ones have equally many relabellings, drawn from different seeds
 * @example
 * const plan = planPermutations({ labels: [1, 1, 0, 0], runs: new Int32Array(4), count: 1000, seed: 1 });
 * const parts = [maximumNull(plan), maximumNull(plan)];
 * const { statistic } = await parts[0].add(Float64Array.of(3, 5, 1, 2));
 * await parts[1].add(Float64Array.of(1, 4, 2, 3));
 * // 1 - (1 - 2 / 6) (1 - 2 / 6), where two relabellings of either task reach t
 * joinFamilies(parts.map((part) => part.finish())).log10p(statistic).map((log10p) => 10 ** log10p) // [0.5556]
 */
export function joinFamilies(parts: readonly FamilywiseNull[]): FamilywiseP {
  if (parts.length === 1) return parts[0];
  const joinable = parts as readonly Joinable[];
  const { tail } = joinable[0];
  const extremeness = extremenessOf(tail);
  const random = joinable.filter(({ exhaustive }) => !exhaustive);
  if (
    joinable.some((part) => part.tail !== tail) ||
    random.some((part) => part.reach.length !== random[0].reach.length)
  )
    throw new RangeError('families to be joined need the same number of relabellings and the same tail');
  const listed = joinable.filter(({ exhaustive }) => exhaustive).map(({ reach }) => reach.slice().sort());
  const drawn = random[0]?.reach.map((_, i) => Math.max(...random.map(({ reach }) => reach[i]))).sort();
  const least = Math.min(...joinable.map(({ reach, exhaustive }) => 1 / (reach.length + (exhaustive ? 0 : 1))));
  /** @param reached how many of the sorted maxima reach the statistic */
  const share = (reached: (sorted: Float64Array) => number): number => {
    const shares = listed.map((sorted) => reached(sorted) / sorted.length);
    if (drawn) shares.push((reached(drawn) + 1) / (drawn.length + 1));
    return Math.max(
      least,
      shares.reduce((any, own) => any + own - any * own, 0),
    );
  };
  return {
    log10p: (statistic) =>
      statistic.map((value) => {
        if (Number.isNaN(value)) return Number.NaN;
        return Math.log10(share((sorted) => sorted.length - firstAtLeast(sorted, extremeness(value))));
      }),
    threshold(alpha) {
      const passes = (value: number) =>
        share((sorted) => sorted.filter((own) => own > value).length) <= alpha * (1 + 1e-9);
      if (passes(Number.NEGATIVE_INFINITY)) return Number.NEGATIVE_INFINITY;
      const values = Float64Array.from([...listed, drawn ?? []].flatMap((sorted) => [...sorted])).sort();
      let [low, high] = [0, values.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (passes(values[middle])) high = middle;
        else low = middle + 1;
      }
      return low < values.length ? values[low] : Number.POSITIVE_INFINITY;
    },
  };
}

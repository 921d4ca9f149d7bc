import { type Interval, normalQuantile } from '@galvani/numerics';

/** How far a group lies above others, by ranks. */
export interface RankSum extends Interval {
  /** Probability that one of the group exceeds one of the others, ties counting half; `lower` and `upper` bound its 95% interval. */
  superiority: number;
  /** Share of the ways to choose the group with at least its sum of ranks. */
  p: number;
  /** Share with at most its sum. */
  opposite: number;
  /** The least p that so many can give. */
  smallest: number;
}

/**
 * Wilcoxon's rank sum test of a group against others, exact also with ties: every choice of so many out of all is counted. The interval
 * is Newcombe's (Statistics in Medicine 25 (2006), 559-573, method 5), which has its width also where all of the group exceed all others.
 *
 * @example rankSum([7, 8], [1, 2, 3]).p // 0.1
 */
export function rankSum(group: readonly number[], others: readonly number[]): RankSum {
  const [m, n] = [group.length, others.length];
  if (m === 0 || n === 0 || [...group, ...others].some(Number.isNaN)) {
    const nothing = { superiority: Number.NaN, lower: Number.NaN, upper: Number.NaN };
    return { ...nothing, p: Number.NaN, opposite: Number.NaN, smallest: Number.NaN };
  }
  const ranks = doubledRanks([...group, ...others]);
  const sum = ranks.slice(0, m).reduce((a, b) => a + b, 0);
  const ways = choicesBySum(ranks, m);
  const total = ways.reduce((a, b) => a + b, 0);
  const upTo = (from: number, until: number) => ways.slice(from, until).reduce((a, b) => a + b, 0) / total;
  const superiority = (sum / 2 - (m * (m + 1)) / 2) / (m * n);
  return {
    superiority,
    ...newcombe(superiority, m, n),
    p: upTo(sum, ways.length),
    opposite: upTo(0, sum + 1),
    smallest: 1 / total,
  };
}

/** Twice the mean rank of each value, so that ranks of ties are whole. */
function doubledRanks(values: readonly number[]): number[] {
  const below = (value: number) => values.filter((other) => other < value).length;
  const same = (value: number) => values.filter((other) => other === value).length;
  return values.map((value) => 2 * below(value) + same(value) + 1);
}

/** In how many ways `size` of the ranks add up to each sum. */
function choicesBySum(ranks: readonly number[], size: number): Float64Array {
  const most = ranks.reduce((a, b) => a + b, 0);
  const ways = Array.from({ length: size + 1 }, () => new Float64Array(most + 1));
  ways[0][0] = 1;
  for (const rank of ranks)
    for (let chosen = size; chosen > 0; chosen--)
      for (let sum = most; sum >= rank; sum--) ways[chosen][sum] += ways[chosen - 1][sum - rank];
  return ways[size];
}

/** The superiorities from which the observed one lies 1.96 of their own standard errors away, by bisection. */
function newcombe(observed: number, m: number, n: number): Interval {
  const z = normalQuantile(0.975);
  const half = (m + n) / 2 - 1;
  const error = (s: number) =>
    z * Math.sqrt((s * (1 - s) * (1 + (half * (1 - s)) / (2 - s) + (half * s) / (1 + s))) / (m * n));
  const solve = (near: number, far: number) => {
    let [inside, outside] = [near, far];
    for (let i = 0; i < 60; i++) {
      const middle = (inside + outside) / 2;
      if (Math.abs(observed - middle) <= error(middle)) inside = middle;
      else outside = middle;
    }
    return inside;
  };
  return { lower: solve(observed, 0), upper: solve(observed, 1) };
}

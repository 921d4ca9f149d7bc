import { clopperPearson, type Interval } from '@galvani/numerics';
import { mcnemarP } from './mcnemar.js';
import { resampledShare } from './resampled-runs.js';
import { signFlipSumP } from './sign-flip-sum.js';

/** Which of the same patterns two decoders identify. */
export interface PairedAnswers {
  /** [patterns], whether the first decoder is right. */
  readonly first: readonly boolean[];
  /** [patterns], whether the second is. */
  readonly second: readonly boolean[];
  /** [patterns], the run of each, by any name. */
  readonly runs: readonly (string | number)[];
}

/** Two decoders beside each other. */
export interface PairedComparison {
  /** Accuracy of the first less that of the second, with its 95% interval over runs. */
  readonly difference: number;
  readonly lower: number;
  readonly upper: number;
  /** Patterns of which one alone is right. */
  readonly onlyFirst: number;
  readonly onlySecond: number;
  /** McNemar's exact p, which takes patterns to be independent. */
  readonly mcnemarP: number;
  /** Exact p of swapping the decoders' answers run by run, which does not. */
  readonly permutationP: number;
}

/**
 * Two decoders on the same patterns, which are clustered by run: the difference of their accuracies with a 95% interval that draws runs
 * anew (`resampledShare`), McNemar's test, and a permutation test that swaps the two decoders' answers of whole runs. Both p are
 * two-sided. The interval of runs that all have the same difference is that of a share of other runs of which none was seen.
 *
 * @throws RangeError where there are no patterns, or lists of unequal length
 */
export function pairedComparison({ first, second, runs }: PairedAnswers, seed: number): PairedComparison {
  if (first.length === 0 || second.length !== first.length || runs.length !== first.length)
    throw new RangeError(
      `Answers are compared of the same patterns, at least one: ${first.length}, ${second.length} and runs of ${runs.length}.`,
    );
  const byRun = new Map<string | number, { count: number; total: number }>();
  let [onlyFirst, onlySecond] = [0, 0];
  for (const [i, run] of runs.entries()) {
    const count = Number(first[i]) - Number(second[i]);
    if (count > 0) onlyFirst++;
    if (count < 0) onlySecond++;
    const own = byRun.get(run) ?? { count: 0, total: 0 };
    byRun.set(run, { count: own.count + count, total: own.total + 1 });
  }
  const clusters = [...byRun.values()];
  const difference = (onlyFirst - onlySecond) / first.length;
  return {
    difference,
    ...differenceInterval(clusters, difference, seed),
    onlyFirst,
    onlySecond,
    mcnemarP: mcnemarP(onlyFirst, onlySecond),
    permutationP: signFlipSumP(clusters.map(({ count }) => count)),
  };
}

function differenceInterval(
  clusters: readonly { count: number; total: number }[],
  difference: number,
  seed: number,
): Interval {
  const [one] = clusters;
  // count / total alike, without division's rounding.
  if (clusters.some(({ count, total }) => count * one.total !== one.count * total))
    return resampledShare(clusters, seed);
  const unseen = clopperPearson(0, clusters.length).upper;
  return { lower: difference - unseen * (difference + 1), upper: difference + unseen * (1 - difference) };
}

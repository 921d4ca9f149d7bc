import type { Interval, RandomStream } from '@galvani/numerics';
import { expandedPercentiles } from '../expanded-percentiles.js';

const resamples = 2000;

/**
 * The 95% interval of a weighted sum of groups' means: percentiles (`expandedPercentiles`, by the smallest group) where the members of each
 * group are drawn with replacement.
 *
 * @param groups two or more values each
 */
export function resampledMeans(
  groups: readonly (readonly number[])[],
  weights: readonly number[],
  stream: RandomStream,
): Interval {
  const drawn = Float64Array.from({ length: resamples }, () => {
    let sum = 0;
    for (const [g, group] of groups.entries()) {
      let own = 0;
      for (let k = 0; k < group.length; k++) own += group[stream.integer(group.length)];
      sum += (weights[g] * own) / group.length;
    }
    return sum;
  });
  return expandedPercentiles(drawn, Math.min(...groups.map(({ length }) => length)));
}

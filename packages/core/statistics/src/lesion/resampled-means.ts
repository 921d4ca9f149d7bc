import { type Interval, normalCdf, type RandomStream, tQuantile } from '@galvani/numerics';

const resamples = 2000;

/**
 * The 95% interval of a weighted sum of groups' means: percentiles where the members of each group are drawn with replacement. Of few members
 * drawn ones vary too little, for which percentiles further out make up, as in `resampledShare`, by the smallest group.
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
  }).sort();
  const fewest = Math.min(...groups.map(({ length }) => length));
  const few = Math.sqrt(fewest / (fewest - 1)) * tQuantile(0.025, fewest - 1);
  const outside = Math.floor(normalCdf(few) * resamples);
  return { lower: drawn[outside], upper: drawn[resamples - 1 - outside] };
}

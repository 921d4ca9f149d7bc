import { type Interval, normalCdf, randomStream, tQuantile } from '@galvani/numerics';

const resamples = 10_000;

/**
 * The 95% interval of a share over runs: percentiles of the share of as many runs drawn with replacement (cluster bootstrap).
 *
 * Of few runs drawn ones vary too little, for which percentiles further out make up (the factor of t's and the sample variance's).
 *
 * Field and Welsh, J. R. Statist. Soc. B 69 (2007), 369-390; Hesterberg, American Statistician 69 (2015), 371-386, expanded percentiles.
 *
 * @param runs count (below 0 too) and total of each; at least two runs
 */
export function resampledShare(runs: readonly { count: number; total: number }[], seed: number): Interval {
  const stream = randomStream(seed, 'decode', 'interval');
  const drawn = Float64Array.from({ length: resamples }, () => {
    let [count, total] = [0, 0];
    for (let i = 0; i < runs.length; i++) {
      const run = runs[stream.integer(runs.length)];
      count += run.count;
      total += run.total;
    }
    return count / total;
  }).sort();
  const few = Math.sqrt(runs.length / (runs.length - 1)) * tQuantile(0.025, runs.length - 1);
  const outside = Math.floor(normalCdf(few) * resamples);
  return { lower: drawn[outside], upper: drawn[resamples - 1 - outside] };
}

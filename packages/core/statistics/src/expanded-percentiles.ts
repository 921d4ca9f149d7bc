import { type Interval, normalCdf, tQuantile } from '@galvani/numerics';

/**
 * The 95% interval of what resampling gave: percentiles, further out where few are drawn anew, since drawn ones then vary too little (the
 * factor of t's and the sample variance's). Hesterberg, American Statistician 69 (2015), 371-386, expanded percentiles.
 *
 * @param drawn the statistic of each resample; sorted in place
 * @param count of what is drawn anew, two or more
 */
export function expandedPercentiles(drawn: Float64Array, count: number): Interval {
  drawn.sort();
  const few = Math.sqrt(count / (count - 1)) * tQuantile(0.025, count - 1);
  const outside = Math.floor(normalCdf(few) * drawn.length);
  return { lower: drawn[outside], upper: drawn[drawn.length - 1 - outside] };
}

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
  const draws = drawnRuns(seed, runs.length);
  const [counts, totals] = [runs.map((run) => run.count), runs.map((run) => run.total)];
  const drawn = new Float64Array(resamples);
  for (let k = 0, at = 0; k < resamples; k++) {
    let [count, total] = [0, 0];
    for (let i = 0; i < runs.length; i++, at++) {
      count += counts[draws[at]];
      total += totals[draws[at]];
    }
    drawn[k] = count / total;
  }
  drawn.sort();
  const few = Math.sqrt(runs.length / (runs.length - 1)) * tQuantile(0.025, runs.length - 1);
  const outside = Math.floor(normalCdf(few) * resamples);
  return { lower: drawn[outside], upper: drawn[resamples - 1 - outside] };
}

let known: { seed: number; runs: number; draws: Uint16Array } | undefined;

/** Which runs each resample has, [resamples x runs]: the same for all shares of one study, which has a table of them. */
function drawnRuns(seed: number, runs: number): Uint16Array {
  if (known?.seed !== seed || known.runs !== runs) {
    const stream = randomStream(seed, 'decode', 'interval');
    known = { seed, runs, draws: Uint16Array.from({ length: resamples * runs }, () => stream.integer(runs)) };
  }
  return known.draws;
}

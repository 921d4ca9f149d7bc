import { type Interval, randomStream } from '@galvani/numerics';
import { expandedPercentiles } from '../expanded-percentiles.js';

const resamples = 10_000;

/**
 * The 95% interval of a share over runs: percentiles (`expandedPercentiles`) of the share of as many runs drawn with replacement (cluster
 * bootstrap; Field and Welsh, J. R. Statist. Soc. B 69 (2007), 369-390).
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
  return expandedPercentiles(drawn, runs.length);
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

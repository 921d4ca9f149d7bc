import { clopperPearson, type Interval, normalCdf, randomStream, tQuantile } from '@galvani/numerics';

const resamples = 10_000;

/**
 * The 95% interval of the accuracy over runs: percentiles of the accuracy of as many runs drawn with replacement (cluster bootstrap),
 * since prompts of one run are identified by the same networks and share what the run had of its own. Runs that have one outcome each,
 * or are all alike, tell nothing about spread in this way; then a run counts as one trial (Clopper and Pearson).
 *
 * Of few runs drawn ones vary too little, for which percentiles further out make up (the factor of t's and the sample variance's).
 *
 * Field and Welsh, J. R. Statist. Soc. B 69 (2007), 369-390; Hesterberg, American Statistician 69 (2015), 371-386, expanded percentiles.
 *
 * @param runs correct and all identifications of each
 */
export function accuracyInterval(runs: readonly { correct: number; total: number }[], seed: number): Interval {
  const sum = (own: readonly number[]) => own.reduce((a, b) => a + b, 0);
  const accuracy = sum(runs.map(({ correct }) => correct)) / sum(runs.map(({ total }) => total));
  const alike = runs.every(({ correct, total }) => correct === accuracy * total);
  if (alike || runs.every(({ total }) => total === 1)) return clopperPearson(accuracy * runs.length, runs.length);
  const stream = randomStream(seed, 'decode', 'interval');
  const drawn = Float64Array.from({ length: resamples }, () => {
    let [correct, total] = [0, 0];
    for (let i = 0; i < runs.length; i++) {
      const run = runs[stream.integer(runs.length)];
      correct += run.correct;
      total += run.total;
    }
    return correct / total;
  }).sort();
  const few = Math.sqrt(runs.length / (runs.length - 1)) * tQuantile(0.025, runs.length - 1);
  const outside = Math.floor(normalCdf(few) * resamples);
  return { lower: drawn[outside], upper: drawn[resamples - 1 - outside] };
}

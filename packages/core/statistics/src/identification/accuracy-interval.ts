import { clopperPearson, type Interval } from '@galvani/numerics';
import { resampledShare } from './resampled-runs.js';

/**
 * The 95% interval of the accuracy over runs, which are drawn anew (`resampledShare`), since prompts of one run are identified by the
 * same networks and share what the run had of its own. Runs that have one outcome each, or are all alike, tell nothing about spread in
 * this way; then a run counts as one trial (Clopper and Pearson).
 *
 * @param runs correct and all identifications of each
 */
export function accuracyInterval(runs: readonly { correct: number; total: number }[], seed: number): Interval {
  const sum = (own: readonly number[]) => own.reduce((a, b) => a + b, 0);
  const accuracy = sum(runs.map(({ correct }) => correct)) / sum(runs.map(({ total }) => total));
  const alike = runs.every(({ correct, total }) => correct === accuracy * total);
  if (alike || runs.every(({ total }) => total === 1)) return clopperPearson(accuracy * runs.length, runs.length);
  return resampledShare(
    runs.map(({ correct, total }) => ({ count: correct, total })),
    seed,
  );
}

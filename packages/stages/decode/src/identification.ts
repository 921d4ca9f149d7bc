import { randomStream } from '@galvani/numerics';
import type { Fold } from './fold.js';

/** For each session the label (place of a task) that each of its runs is taken to have. */
export type Labelling = readonly (readonly number[])[];

/** What a fold makes of one held-out pattern. */
export interface Identification {
  /** Score of each candidate task. */
  scores: number[];
  /** Place of the best-matching task; -1 where every network is empty. Of equal scores the first task wins. */
  identified: number;
}

/**
 * Identifies every held-out pattern of a fold under a labelling of the runs: each candidate's network comes from the
 * training runs that bear its label.
 */
export function identify(fold: Fold, held: number, labels: Labelling): Identification[] {
  const tasks = labels[held].length;
  const training = labels.filter((_, s) => s !== held);
  const perTask = Array.from({ length: tasks }, (_, task) =>
    fold.scores(
      training.map((session) => session.indexOf(task)),
      fold.thresholds[task],
    ),
  );
  return fold.heldOut.map((_, i) => {
    const scores = perTask.map((all) => all[i]);
    const best = Math.max(...scores);
    return { scores, identified: best === Number.NEGATIVE_INFINITY ? -1 : scores.indexOf(best) };
  });
}

/** Correct identifications at each level under a labelling. */
export function countCorrect(folds: readonly Fold[], labels: Labelling): { run: number; prompt: number } {
  const correct = { run: 0, prompt: 0 };
  for (const [held, fold] of folds.entries())
    for (const [i, { identified }] of identify(fold, held, labels).entries()) {
      const pattern = fold.heldOut[i];
      if (identified === labels[held][pattern.run]) correct[pattern.level]++;
    }
  return correct;
}

/**
 * Permutation test of identification. Under the null hypothesis a session's runs could have borne each other's labels, so
 * labels are permuted within sessions and the whole procedure, selection of networks included, is run again; only the
 * thresholds in |t| stay those of the true labels. p = (b + 1) / (m + 1).
 *
 * @param onDone called after each permutation
 */
export function permutationTest(
  folds: readonly Fold[],
  tasks: number,
  permutations: number,
  seed: number,
  onDone?: () => void,
): { run: number; prompt: number } {
  const natural = Array.from({ length: tasks }, (_, task) => task);
  const observed = countCorrect(
    folds,
    folds.map(() => natural),
  );
  const stream = randomStream(seed, 'decode', 'permutation');
  const reached = { run: 0, prompt: 0 };
  for (let i = 0; i < permutations; i++) {
    const labels = folds.map(() => stream.shuffled(natural));
    const correct = countCorrect(folds, labels);
    if (correct.run >= observed.run) reached.run++;
    if (correct.prompt >= observed.prompt) reached.prompt++;
    onDone?.();
  }
  return { run: (reached.run + 1) / (permutations + 1), prompt: (reached.prompt + 1) / (permutations + 1) };
}

import type { Fold, HeldOut } from './fold.js';
import type { Labellings } from './labellings.js';

export type Level = HeldOut['level'];

/** What permuting labels says of one level. */
export interface PermutationTest {
  /** (b + 1) / (m + 1): b of m permutations have as many correct identifications as the true labels, or more. */
  p: number;
  /** The same for as many correct identifications or fewer: that the true labels identify worse than any. */
  oppositeP: number;
  /** Mean accuracy of the permutations, over all orders of the held-out labels (see Tally). */
  chance: number;
}

/**
 * Permutation test of identification: for each labelling the whole procedure is run, selection of networks included. Nothing in a
 * fold but the labelling knows which run had which task, so p is exact: where runs of a session could have borne each other's
 * labels, p <= a in at most a share a of studies.
 */
export function permutationTest(folds: readonly Fold[], labellings: Labellings): Record<Level, PermutationTest> {
  const tally = createTally(labellings.count);
  const total = { run: 0, prompt: 0 };
  for (const [held, fold] of folds.entries()) {
    for (const { level } of fold.heldOut) total[level]++;
    for (let i = 0; i < labellings.count; i++) countCorrect(fold, held, labellings, i, tally);
  }
  const m = labellings.count - 1;
  const of = (level: Level): PermutationTest => {
    const [observed, ...permuted] = tally.correct[level];
    const share = (reached: readonly number[]) => (reached.length + 1) / (m + 1);
    return {
      p: share(permuted.filter((own) => own >= observed)),
      oppositeP: share(permuted.filter((own) => own <= observed)),
      chance: tally.identified[level] / labellings.tasks / m / total[level],
    };
  };
  return { run: of('run'), prompt: of('prompt') };
}

/** What labellings identify. */
export interface Tally {
  /** Correct identifications under each labelling. */
  correct: Record<Level, Uint32Array>;
  /**
   * Patterns identified as any task, right or wrong, under all permutations. Labels of a held-out session are permuted by themselves, so one
   * in as many as there are tasks is right on average.
   */
  identified: Record<Level, number>;
}

export function createTally(labellings: number): Tally {
  return {
    correct: { run: new Uint32Array(labellings), prompt: new Uint32Array(labellings) },
    identified: { run: 0, prompt: 0 },
  };
}

/** Adds a fold's identifications under one labelling. */
export function countCorrect(
  { heldOut, scores, sourceOf }: Fold,
  held: number,
  { sessions, tasks, runOf }: Labellings,
  labelling: number,
  { correct, identified: identifiedOf }: Tally,
): void {
  const width = heldOut.length;
  const labels = (labelling * sessions + held) * tasks;
  for (let pattern = 0; pattern < width; pattern++) {
    let best = Number.NEGATIVE_INFINITY;
    let identified = -1;
    for (let task = 0; task < tasks; task++) {
      const score = scores[sourceOf[labelling * tasks + task] * width + pattern];
      if (score > best) {
        best = score;
        identified = task;
      }
    }
    const { level, run } = heldOut[pattern];
    if (identified < 0) continue;
    if (labelling > 0) identifiedOf[level]++;
    if (runOf[labels + identified] === run) correct[level][labelling]++;
  }
}

import type { Fold, HeldOut } from './fold.js';
import type { Labellings } from './labellings.js';

export type Level = HeldOut['level'];

/** What permuting labels says of one level. */
export interface PermutationTest {
  /** (b + 1) / (m + 1): b of m permutations have as many correct identifications as the true labels, or more. */
  p: number;
  /** Mean accuracy over the permutations. */
  chance: number;
}

/**
 * Permutation test of identification: for each labelling the whole procedure is run, selection of networks included. Nothing in a
 * fold but the labelling knows which run had which task, so p is exact: where runs of a session could have borne each other's
 * labels, p <= a in at most a share a of studies.
 */
export function permutationTest(folds: readonly Fold[], labellings: Labellings): Record<Level, PermutationTest> {
  const correct = { run: new Uint32Array(labellings.count), prompt: new Uint32Array(labellings.count) };
  const total = { run: 0, prompt: 0 };
  for (const [held, fold] of folds.entries()) {
    for (const { level } of fold.heldOut) total[level]++;
    for (let i = 0; i < labellings.count; i++) countCorrect(fold, held, labellings, i, correct);
  }
  const m = labellings.count - 1;
  const of = (level: Level): PermutationTest => {
    const [observed, ...permuted] = correct[level];
    const reached = permuted.filter((own) => own >= observed).length;
    const chance = permuted.reduce((sum, own) => sum + own, 0) / m / total[level];
    return { p: (reached + 1) / (m + 1), chance };
  };
  return { run: of('run'), prompt: of('prompt') };
}

/** Adds a fold's correct identifications under one labelling. */
export function countCorrect(
  { heldOut, scores, sourceOf }: Fold,
  held: number,
  { sessions, tasks, runOf }: Labellings,
  labelling: number,
  correct: Record<Level, Uint32Array>,
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
    if (identified >= 0 && runOf[labels + identified] === run) correct[level][labelling]++;
  }
}

import type { Fold } from './fold.js';

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
 *
 * @param labelling its number; 0 is the true one
 */
export function identify({ heldOut, scores, sourceOf }: Fold, tasks: number, labelling: number): Identification[] {
  return heldOut.map((_, pattern) => {
    const own = Array.from(
      { length: tasks },
      (_, task) => scores[sourceOf[labelling * tasks + task] * heldOut.length + pattern],
    );
    const best = Math.max(...own);
    return { scores: own, identified: best === Number.NEGATIVE_INFINITY ? -1 : own.indexOf(best) };
  });
}

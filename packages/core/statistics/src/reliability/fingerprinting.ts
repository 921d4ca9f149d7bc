import type { RunMatrix } from './run-likeness.js';

/**
 * For each run the run of another session that is most like it; the first of equals, -1 where likeness is nowhere known.
 *
 * Finn et al., Nature Neuroscience 18 (2015), 1664-1671.
 *
 * @param likeness of the runs, [R x R] @param sessions of each run, [R]
 */
export function mostAlike(likeness: RunMatrix, sessions: ArrayLike<number>): Int32Array {
  const runs = sessions.length;
  return Int32Array.from({ length: runs }, (_, a) => {
    let best = -1;
    for (let b = 0; b < runs; b++)
      if (
        sessions[a] !== sessions[b] &&
        likeness[a * runs + b] > (best < 0 ? Number.NEGATIVE_INFINITY : likeness[a * runs + best])
      )
        best = b;
    return best;
  });
}

/** For each task how many of its runs are most like a run of the same task, [tasks]. @param taskOf of each run, [R] */
export function fingerprinted(alike: Int32Array, taskOf: ArrayLike<number>, tasks: number): Int32Array {
  const right = new Int32Array(tasks);
  for (let run = 0; run < alike.length; run++)
    if (alike[run] >= 0 && taskOf[alike[run]] === taskOf[run]) right[taskOf[run]]++;
  return right;
}

import { randomStream } from '@galvani/numerics';

/** Random signs of rows, and permutations of rows, that a wild bootstrap draws. */
export interface WildDraws {
  /** Number of draws w. */
  count: number;
  /** [w x B] of 1 and -1. */
  signs: Int8Array;
  /** [w x B]: the row whose label row b gets. */
  source: Int32Array;
}

/** How many draws accompany so many permutations: as many, within 500 and 1,000. */
export const wildCount = (permutations: number) => Math.max(500, Math.min(1000, permutations));

/** @param members rows of each run: permutations stay inside runs */
export function drawWild(
  members: readonly (readonly number[])[],
  rows: number,
  count: number,
  seed: string | number,
): WildDraws {
  const stream = randomStream(seed, 'wild bootstrap');
  const signs = new Int8Array(count * rows);
  const source = new Int32Array(count * rows);
  for (let i = 0; i < count; i++) {
    for (let b = 0; b < rows; b++) signs[i * rows + b] = 1 - 2 * stream.integer(2);
    for (const run of members) {
      const shuffled = stream.shuffled(run);
      for (let place = 0; place < run.length; place++) source[i * rows + run[place]] = shuffled[place];
    }
  }
  return { count, signs, source };
}

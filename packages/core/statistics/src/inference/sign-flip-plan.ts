import { randomStream } from '@galvani/numerics';
import { UserMistake } from '@galvani/terminal';
import type { PermutationPlan } from './permutation-plan.js';

/** What planSignFlips takes. */
export interface SignFlipOptions {
  /** Number of rows: sessions, or any independent repetitions whose errors are symmetric about 0. */
  readonly rows: number;
  /** Most flips wanted; when 2^rows is no more than that, all of them are listed and p is exact. */
  readonly count: number;
  /** Seed of the random flips. */
  readonly seed: number | string;
  /** Nuisance regressors, [rows x q] row-major (a covariate over sessions); they must leave the mean estimable. */
  readonly nuisance?: ArrayLike<number>;
}

/**
 * Sign flips for a one-sample test (second level over sessions): under the null hypothesis of no mean effect, and errors
 * symmetric about 0, each session's effect could as well have had the other sign. The tested regressor is the mean.
 */
export function planSignFlips({ rows, count, seed, nuisance = [] }: SignFlipOptions): PermutationPlan {
  if (rows < 2) throw new UserMistake(`A one-sample test over ${rows} sessions is not possible: it takes 2 or more.`);
  if (!(count >= 1)) throw new UserMistake(`The number of sign flips is ${count}; it is at least 1.`);
  const distinct = 2 ** rows;
  const exhaustive = distinct <= count;
  const m = exhaustive ? distinct : count;
  const stream = randomStream(seed, 'sign flips');
  const signs = new Int8Array(m * rows);
  for (let i = 0; i < m; i++)
    for (let b = 0; b < rows; b++) {
      const flip = exhaustive ? Math.floor(i / 2 ** b) % 2 : stream.integer(2);
      signs[i * rows + b] = 1 - 2 * flip;
    }
  return {
    rows,
    columns: 1,
    interest: new Float64Array(rows).fill(1),
    nuisance: Float64Array.from(nuisance),
    runs: new Int32Array(rows),
    count: m,
    exhaustive,
    source: Int32Array.from({ length: m * rows }, (_, i) => i % rows),
    signs,
  };
}

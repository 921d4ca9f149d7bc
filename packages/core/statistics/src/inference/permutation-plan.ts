import { randomStream } from '@galvani/numerics';
import { UserMistake } from '@galvani/terminal';
import { countArrangements, listArrangements } from './arrangement.js';
import { requireExchangeable } from './exchangeability.js';
import { drawWild, type WildDraws, wildCount } from './wild-draws.js';

/** Rows (prompts, or sessions), the regressors tested on them, and the permutations (or sign flips) that make up the null distribution. */
export interface PermutationPlan {
  /** Number of rows B. */
  readonly rows: number;
  /** Number of regressors tested together k: 1 for t, more for F. */
  readonly columns: number;
  /** The tested regressors, [B x k] row-major. */
  readonly interest: Float64Array;
  /** Nuisance regressors, run intercepts included, [B x q] row-major. */
  readonly nuisance: Float64Array;
  /** Run of each row, [B]: the exchangeability blocks. */
  readonly runs: Int32Array;
  /** Condition of each row, [B], where the statistic gives each condition a variance of its own. */
  readonly conditions?: Int32Array;
  /** Draws that tell by how much relabelling alone misses where conditions differ in spread; with `conditions`. */
  readonly wild?: WildDraws;
  /** Number of permutations m. */
  readonly count: number;
  /** Whether the permutations are all that there are, the observed one among them. */
  readonly exhaustive: boolean;
  /** [m x B], the row whose label row b gets. */
  readonly source: Int32Array;
  /** [m x B] of 1 and -1: sign flips; undefined when there are none. */
  readonly signs?: Int8Array;
}

/** What planPermutations takes. */
export interface PermutationOptions {
  /** The tested regressor, a value per prompt (1 task, 0 rest, or any numbers); [B x columns] row-major for F. */
  readonly labels: ArrayLike<number>;
  /** Number of columns in `labels`, default 1. */
  readonly columns?: number;
  /** Run of each prompt, any integers: its exchangeability block (Winkler et al. 2014). Labels move inside runs only. */
  readonly runs: Int32Array;
  /** Most permutations wanted; when no more than that are distinct, all of them are listed and p is exact. */
  readonly count: number;
  /** Seed of the random permutations. */
  readonly seed: number | string;
  /** More nuisance regressors, [B x q] row-major. */
  readonly nuisance?: ArrayLike<number>;
  /** Whether each run has its own intercept among the nuisance regressors, default true. */
  readonly runIntercepts?: boolean;
  /**
   * Condition of each prompt, [B]: whole numbers. With them the statistic is studentized, each condition having a variance of its
   * own; without them it is the pooled t, which takes all prompts to vary alike.
   */
  readonly conditions?: Int32Array;
  /** What is exchanged, default 'prompt'; 'token' is refused with the reason. */
  readonly exchange?: string;
}

/**
 * Fixes the permutations before any data are seen, so that all units of all layers can share them, chunk by chunk.
 *
 * Rows are permuted inside their run. Two permutations that differ only by swapping rows with equal labels, nuisance
 * values and conditions are one. When at most `count` are distinct all are listed, the observed one among them, and p = b / m;
 * otherwise `count` are drawn at random (seeded, with replacement) and p = (b + 1) / (m + 1). Neither can be 0.
 *
 * @throws UserMistake when the labels do not vary inside any run, so that nothing can be permuted
 */
export function planPermutations(options: PermutationOptions): PermutationPlan {
  requireExchangeable(options.exchange ?? 'prompt');
  const { runs, columns = 1, count } = options;
  const rows = runs.length;
  const interest = Float64Array.from(options.labels);
  if (interest.length !== rows * columns)
    throw new RangeError(`labels has ${interest.length} values; ${rows} rows of ${columns} are expected`);
  if (!(count >= 1)) throw new UserMistake(`The number of relabellings is ${count}; it is at least 1.`);
  const nuisance = withRunIntercepts(runs, options);
  const { conditions } = options;
  if (conditions && conditions.length !== rows)
    throw new RangeError(`${conditions.length} conditions for ${rows} rows`);
  const labelOf = kindOfRow([interest], rows);
  const members = membersOfRuns(runs);
  if (members.every((run) => run.every((row) => labelOf[row] === labelOf[run[0]])))
    throw new UserMistake(
      'The labels do not vary inside any exchangeability block (run), so there is nothing to relabel: each run must hold task and rest prompts.',
    );
  const kinds = kindOfRow([interest, nuisance, ...(conditions ? [Float64Array.from(conditions)] : [])], rows);
  const distinct = members.reduce((product, run) => product * countArrangements(run.map((row) => kinds[row])), 1);
  const source =
    distinct <= count ? listAll(members, kinds, rows, distinct) : drawRandomly(members, rows, count, options.seed);
  const exhaustive = distinct <= count;
  const wild = conditions && drawWild(members, rows, wildCount(source.length / rows), options.seed);
  return {
    ...{ rows, columns, interest, nuisance, runs, count: source.length / rows, exhaustive, source },
    ...(conditions && { conditions, wild }),
  };
}

function withRunIntercepts(runs: Int32Array, options: PermutationOptions): Float64Array {
  const rows = runs.length;
  const given = options.nuisance ?? [];
  const more = given.length / rows;
  if (!Number.isInteger(more)) throw new RangeError(`nuisance has ${given.length} values, not a multiple of ${rows}`);
  const names = options.runIntercepts === false ? [] : [...new Set(runs)];
  const width = names.length + more;
  const nuisance = new Float64Array(rows * width);
  for (let b = 0; b < rows; b++) {
    names.forEach((name, j) => {
      if (runs[b] === name) nuisance[b * width + j] = 1;
    });
    for (let j = 0; j < more; j++) nuisance[b * width + names.length + j] = given[b * more + j];
  }
  return nuisance;
}

/**
 * Numbers the different rows of the given matrices, [rows x width] each: rows of one kind can be swapped without changing
 * any statistic. Differences below 1e-10 of a matrix's largest value are rounding.
 */
function kindOfRow(matrices: Float64Array[], rows: number): Int32Array {
  const kinds = new Map<string, number>();
  const coarse = matrices.map((matrix) => {
    const largest = matrix.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
    return matrix.map((value) => Math.round((value / largest) * 1e10));
  });
  return Int32Array.from({ length: rows }, (_, b) => {
    const key = coarse
      .map((matrix) => matrix.subarray((b * matrix.length) / rows, ((b + 1) * matrix.length) / rows).join())
      .join(';');
    if (!kinds.has(key)) kinds.set(key, kinds.size);
    return kinds.get(key)!;
  });
}

function membersOfRuns(runs: Int32Array): number[][] {
  const members = new Map<number, number[]>();
  runs.forEach((run, row) => {
    const list = members.get(run);
    if (list) list.push(row);
    else members.set(run, [row]);
  });
  return [...members.values()];
}

/** Every combination of the runs' arrangements: the last run turns fastest. */
function listAll(members: number[][], kinds: Int32Array, rows: number, distinct: number): Int32Array {
  const arrangements = members.map((run) => listArrangements(run, (row) => kinds[row]));
  const source = new Int32Array(distinct * rows);
  for (let i = 0; i < distinct; i++) {
    let rest = i;
    for (let j = members.length - 1; j >= 0; j--) {
      const arrangement = arrangements[j][rest % arrangements[j].length];
      rest = Math.floor(rest / arrangements[j].length);
      members[j].forEach((row, place) => {
        source[i * rows + row] = arrangement[place];
      });
    }
  }
  return source;
}

function drawRandomly(members: number[][], rows: number, count: number, seed: number | string): Int32Array {
  // The stream's name is part of what the seed means: another draws other permutations.
  const stream = randomStream(seed, 'relabelling');
  const source = new Int32Array(count * rows);
  for (let i = 0; i < count; i++)
    for (const run of members) {
      const shuffled = stream.shuffled(run);
      for (let place = 0; place < run.length; place++) source[i * rows + run[place]] = shuffled[place];
    }
  return source;
}

import type { FamilywiseNull, Tail } from './familywise-null.js';
import type { Precision } from './row-products.js';
import type { UnitMatrix } from './unit-residuals.js';

/** How permuted statistics are computed. */
export interface TestOptions {
  /** Direction of the test, default 'two'. F takes none. */
  readonly tail?: Tail;
  /**
   * Number type of the matrix product: by default float64 when the permutations are exhaustive (exact p need exact ties)
   * and float32, twice as fast, when they are random. Statistics of the observed labels are always float64.
   */
  readonly precision?: Precision;
}

/** How maximumNull computes. */
export interface MaximumNullOptions extends TestOptions {
  /** Whether to count each unit's own exceedances too (uncorrected p), which takes longer. Default false. */
  readonly uncorrected?: boolean;
}

/** Statistics of one chunk of units with the observed labels. */
export interface ChunkStatistics {
  /** t, or F; with conditions Welch's. NaN for units that are constant, NaN or infinite. [V] */
  readonly statistic: Float64Array;
  /** With conditions the degrees of freedom of each unit's statistic. [V] */
  readonly df?: Float64Array;
  /** Log10 of each unit's own permutation p; with `uncorrected`. [V] */
  readonly log10pUncorrected?: Float64Array;
}

/** Gathers the maximum statistic over chunks of units that make up one family. */
export interface MaximumNull {
  readonly degreesOfFreedom: number;
  /** The least p that the plan can give, whatever the data. */
  readonly smallestP: number;
  /**
   * Adds a chunk of units (a layer): folds its maxima in and gives back its observed statistics.
   *
   * @param means [B x V] row-major: a row per prompt in the plan's order
   */
  add(means: UnitMatrix): Promise<ChunkStatistics>;
  /**
   * The maxima of all units added so far, as they are kept: an array for the permutations, and two for the draws of a wild bootstrap where
   * there is one; -Infinity before any. Those of other units of the family may be taken in by raising numbers in place.
   */
  readonly gathered: readonly Float64Array[];
  /** The null distribution over all units added so far. */
  finish(): FamilywiseNull;
}

import type { Segments } from '../layout.js';

/** Which sums a noise model needs besides the sums of each segment. */
export interface MomentNeeds {
  /** Sum of squares of each unit. */
  squares: boolean;
  /** Products of neighbours, and the rows at the edges of segments: `both` first and last, or `last` alone. */
  neighbours?: 'both' | 'last';
  /** Columns of the design that vary within segments, whose products with the series are kept. */
  varying?: readonly number[];
}

/**
 * Sums from which every one-pass noise model is fitted. They add over rows; units are independent of each other, bit for
 * bit. Values are taken about each unit's shift, so that a level hundreds of times the spread cancels nothing.
 */
export interface Moments {
  units: number;
  segments: Segments;
  /** What was subtracted from every value of a unit: its first value, or 0. */
  shift: Float64Array;
  /** Sum over the rows of each segment, [segments x units]. */
  sums: Float64Array;
  /** Sum over the edge rows of each segment, [segments x units]. */
  edges?: Float64Array;
  /** [units] */
  squares?: Float64Array;
  /** Squares of the edge rows, [units]. */
  edgeSquares?: Float64Array;
  /** Products of rows and their predecessors in the segment, [units]. */
  neighbours?: Float64Array;
  /** sum x_t y_t for each varying column, [varying x units]. */
  products?: Float64Array;
  /** sum (x_(t-1) + x_(t+1)) y_t within segments, [varying x units]. */
  neighbourProducts?: Float64Array;
  /** sum x_t y_t over the edge rows, [varying x units]. */
  edgeProducts?: Float64Array;
}

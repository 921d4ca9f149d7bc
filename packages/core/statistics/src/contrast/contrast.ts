/** A contrast as weights of the design's columns. */
export interface Contrast {
  kind: 't' | 'F';
  /** One vector for t, one a row for F; each has a weight for every column. */
  weights: Float64Array[];
  /** The expression, as it was written. */
  name: string;
}

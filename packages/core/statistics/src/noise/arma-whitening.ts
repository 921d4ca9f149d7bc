import type { Segments } from '../layout.js';

/** A whitening filter of ARMA(1,1) noise, the same for every segment: one-step predictions and their variances. */
export interface ArmaFilter {
  ar: number;
  /** Weight of the last prediction error at each position, [longest segment]. */
  gain: Float64Array;
  /** 1 / standard deviation of the prediction error at each position, for noise of variance one. */
  precision: Float64Array;
  /** Sum over rows of the logarithm of the prediction variance. */
  logDeterminant: number;
}

/**
 * y_t = ar y_(t-1) + e_t + ma e_(t-1), stationary at each segment's start, scaled to variance one.
 *
 * Source: Brockwell and Davis, Time Series: Theory and Methods (1991), the innovations algorithm (5.3).
 */
export function armaFilter(ar: number, ma: number, segments: Segments): ArmaFilter {
  const longest = segments.length.reduce((most, length) => Math.max(most, length), 0);
  const variance = (1 + 2 * ar * ma + ma * ma) / (1 - ar * ar);
  const gain = new Float64Array(longest);
  const precision = new Float64Array(longest);
  const logs = new Float64Array(longest + 1);
  let prediction = variance;
  for (let t = 0; t < longest; t++) {
    gain[t] = ma / prediction;
    precision[t] = Math.sqrt(variance / prediction);
    logs[t + 1] = logs[t] + Math.log(prediction / variance);
    prediction = 1 + ma * ma - (ma * ma) / prediction;
  }
  const logDeterminant = segments.length.reduce((sum, length) => sum + logs[length], 0);
  return { ar, gain, precision, logDeterminant };
}

/** Whitens [rows x columns] into `out`, row-major, segment by segment. */
export function whiten(
  filter: ArmaFilter,
  segments: Segments,
  values: Float64Array,
  columns: number,
  out: Float64Array,
): void {
  const { ar, gain, precision } = filter;
  for (let j = 0; j < columns; j++) {
    for (let s = 0; s < segments.count; s++) {
      const length = segments.length[s];
      let before = 0;
      let predicted = 0;
      for (let t = 0, at = segments.start[s] * columns + j; t < length; t++, at += columns) {
        const value = values[at];
        const error = value - ar * before - predicted;
        predicted = gain[t] * error;
        before = value;
        out[at] = error * precision[t];
      }
    }
  }
}

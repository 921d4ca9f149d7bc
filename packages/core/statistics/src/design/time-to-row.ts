/** Rows. Seconds given to a millisecond and divided by a repetition time of a tenth of a second are no further off. */
const tolerance = 0.01;

/**
 * The first row at or after a time, row k being taken at time k. A time within a hundredth of a row after row k counts as
 * k: seconds that are divided by the time between rows are a rounding error off (21 / 0.7 is 30.000000000000004), and
 * printed seconds half a digit more.
 *
 * @param time in rows
 * @example firstRowFrom(21 / 0.7) // 30
 */
export function firstRowFrom(time: number): number {
  const row = Math.ceil(time - tolerance);
  // Not -0.
  return row === 0 ? 0 : row;
}

/** The last row at or before a time; within a hundredth of a row before row k counts as k. */
export function lastRowUntil(time: number): number {
  const row = Math.floor(time + tolerance);
  return row === 0 ? 0 : row;
}

/**
 * The first sample at or after a time on a grid of `perRow` samples a row, counted from row 0. Here a sample is a small part
 * of a row, so only a rounding error (a millionth of a row) is forgiven.
 */
export function firstSampleFrom(time: number, perRow: number): number {
  return Math.ceil((time - 1e-6) * perRow);
}

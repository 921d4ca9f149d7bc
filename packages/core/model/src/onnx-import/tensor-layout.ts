/** How a tensor holds one row of numbers for each token of each of several texts of equal length. */
export type Layout =
  /** [rows, positions, …width] */
  | 'rows'
  /** [1, positions, …width]: the same for every text, as a position embedding is. */
  | 'shared'
  /** [rows x positions, width] */
  | 'flat'
  /** [positions, width] */
  | 'shared-flat';

/** The layout of a tensor's dimensions for `rows` texts of `positions` tokens, and its width; undefined if it has none. */
export function layoutOf(
  dims: readonly number[],
  rows: number,
  positions: number,
): { layout: Layout; width: number } | undefined {
  const width = (from: number) => dims.slice(from).reduce((a, b) => a * b, 1);
  if (dims.length >= 3 && dims[0] === rows && dims[1] === positions) return { layout: 'rows', width: width(2) };
  if (dims.length >= 3 && dims[0] === 1 && dims[1] === positions) return { layout: 'shared', width: width(2) };
  if (dims.length === 2 && dims[0] === rows * positions) return { layout: 'flat', width: width(1) };
  if (dims.length === 2 && dims[0] === positions) return { layout: 'shared-flat', width: width(1) };
  return undefined;
}

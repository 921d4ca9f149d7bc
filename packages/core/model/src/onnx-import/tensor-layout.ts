/** How a tensor holds one row of numbers for each token of each of several texts of equal length. */
export type Layout =
  /** [rows, positions, …tail] */
  | 'rows'
  /** [1, positions, …tail]: the same for every text, as a position embedding is. */
  | 'shared'
  /** [rows x positions, width] */
  | 'flat'
  /** [positions, width] */
  | 'shared-flat';

/** Whether a tensor is the same for every text. */
export const isShared = (layout: Layout): boolean => layout === 'shared' || layout === 'shared-flat';

/** Where a tensor has a token's numbers. */
export interface Placed {
  layout: Layout;
  /** The dimensions of a token's numbers. */
  tail: number[];
  /** How many they are. */
  width: number;
}

/** The layout of a tensor's dimensions for `rows` texts of `positions` tokens; undefined if it has none. */
export function layoutOf(dims: readonly number[], rows: number, positions: number): Placed | undefined {
  const placed = (layout: Layout, from: number): Placed => {
    const tail = dims.slice(from);
    return { layout, tail, width: tail.reduce((a, b) => a * b, 1) };
  };
  if (dims.length >= 3 && dims[0] === rows && dims[1] === positions) return placed('rows', 2);
  if (dims.length >= 3 && dims[0] === 1 && dims[1] === positions) return placed('shared', 2);
  if (dims.length === 2 && dims[0] === rows * positions) return placed('flat', 1);
  if (dims.length === 2 && dims[0] === positions) return placed('shared-flat', 1);
  return undefined;
}

import { type ActivationColumn, type ActivationValues, pagedActivations } from '@galvani/artifact';

/** Rows that lie together in a slab and in the file. */
export interface Piece {
  /** First row in the slab. */
  offset: number;
  rows: number;
  /** Its place in the whole recording, by which a reader sees the pieces in order. */
  firstRow: number;
}

/** Rows of every site that are to be written. */
export interface Slab {
  /** For each site [rows x width]. */
  sites: ActivationValues[];
  pieces: Piece[];
  /** Values of the plain columns, [rows] each; empty if the recording has none. */
  scalars: { name: string; values: Int32Array | Float32Array }[];
}

/** Slabs of one shape that nobody uses. */
let spare: { shape: string; slabs: ActivationValues[][] } = { shape: '', slabs: [] };

const shapeOf = (capacity: number, columns: readonly ActivationColumn[], half: boolean) =>
  [half, capacity, ...columns.map(({ width }) => width)].join(' ');

/**
 * Memory for a slab of `capacity` rows: that of an earlier one of the same shape if there is one, since memory that was never touched
 * costs as much as what is copied to it.
 */
export function takeSites(capacity: number, columns: readonly ActivationColumn[], half: boolean): ActivationValues[] {
  const shape = shapeOf(capacity, columns, half);
  if (spare.shape !== shape) spare = { shape, slabs: [] };
  return spare.slabs.pop() ?? allocateSites(capacity, columns, half);
}

/** Gives back what `takeSites` gave, when nothing reads it any more. */
export function returnSites(
  slabs: readonly ActivationValues[][],
  capacity: number,
  columns: readonly ActivationColumn[],
  half: boolean,
): void {
  if (spare.shape === shapeOf(capacity, columns, half)) spare.slabs.push(...slabs);
}

/**
 * Memory for slabs of `capacity` rows, in one buffer that threads can share: buffers that change hands would count as new
 * memory each time, and have the garbage collected over and over. The disk can be written from it directly.
 */
function allocateSites(capacity: number, columns: readonly ActivationColumn[], half: boolean): ActivationValues[] {
  return pagedActivations(
    half,
    columns.map(({ width }) => width * capacity),
    true,
  );
}

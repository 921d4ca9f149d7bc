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

/**
 * Memory for slabs of `capacity` rows, in one buffer that threads can share: buffers that change hands would count as new
 * memory each time, and have the garbage collected over and over. The disk can be written from it directly.
 */
export function allocateSites(
  capacity: number,
  columns: readonly ActivationColumn[],
  half: boolean,
): ActivationValues[] {
  return pagedActivations(
    half,
    columns.map(({ width }) => width * capacity),
    true,
  );
}

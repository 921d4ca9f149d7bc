import type { ActivationColumn } from '@galvani/artifact';

/** Rows that lie together in a block and in the file. */
export interface Piece {
  /** First row in the block. */
  offset: number;
  rows: number;
  /** Its place in the whole recording, by which a reader sees the pieces in order. */
  firstRow: number;
}

/**
 * Rows of every site that wait to be written: site after site, [capacity × width] float32 each, in one buffer. Two threads
 * share it: buffers that change hands would count as new memory each time, and have the garbage collected over and over.
 */
export interface Block {
  buffer: SharedArrayBuffer;
  /** Rows that it holds at most. */
  capacity: number;
  pieces: Piece[];
  /** Values of the plain columns, [capacity] each; empty if the recording has none. */
  scalars: { name: string; values: Int32Array | Float32Array }[];
}

/** Bytes of a block's buffer. */
export function blockBytes(capacity: number, columns: readonly ActivationColumn[]): number {
  return columns.reduce((sum, { width }) => sum + 4 * width * capacity, 0);
}

/** Each site's numbers in a block's buffer. */
export function siteViews(
  { buffer, capacity }: Pick<Block, 'buffer' | 'capacity'>,
  columns: readonly ActivationColumn[],
): Float32Array[] {
  let at = 0;
  return columns.map(({ width }) => {
    const view = new Float32Array(buffer, at, width * capacity);
    at += view.byteLength;
    return view;
  });
}

import type { ActivationColumn, ScalarColumn } from '@galvani/artifact';
import { type Block, blockBytes, type Piece, siteViews } from './block.js';
import type { BlockWriter } from './block-writer.js';

/** A block that is being filled. */
export interface OpenBlock extends Omit<Block, 'pieces'> {
  /** Each site's numbers, [capacity × width]. */
  sites: { name: string; width: number; values: Float32Array }[];
}

/** The two blocks of a recording: while one is written the other is filled. */
export interface BlockPair {
  /** A block to fill; waits while both are being written. Throws what went wrong in writing. */
  take(): Promise<OpenBlock>;
  /** Hands a block to the writer. Its memory is the writer's from here. */
  send(block: OpenBlock, pieces: Piece[]): void;
  /** Waits until nothing is being written. Throws what went wrong. */
  drain(): Promise<void>;
}

export function createBlockPair(
  writer: BlockWriter,
  capacity: number,
  columns: readonly ActivationColumn[],
  scalarColumns: readonly ScalarColumn[],
): BlockPair {
  const free: SharedArrayBuffer[] = [];
  const writing = new Set<Promise<void>>();
  let made = 0;
  let broken: { error: unknown } | undefined;
  const check = () => {
    if (broken) throw broken.error;
  };
  return {
    async take() {
      while (free.length === 0 && made === 2 && !broken) await Promise.race(writing);
      check();
      if (free.length === 0) made++;
      const buffer = free.pop() ?? new SharedArrayBuffer(blockBytes(capacity, columns));
      const values = siteViews({ buffer, capacity }, columns);
      return {
        buffer,
        capacity,
        sites: columns.map(({ site, width }, c) => ({ name: site, width, values: values[c] })),
        scalars: scalarColumns.map(({ name, type }) => ({
          name,
          values: type === 'int32' ? new Int32Array(capacity) : new Float32Array(capacity),
        })),
      };
    },
    send({ buffer, scalars }, pieces) {
      const written: Promise<void> = writer
        .write({ buffer, capacity, pieces, scalars })
        .then(
          () => {
            free.push(buffer);
          },
          (error) => {
            broken ??= { error };
          },
        )
        .finally(() => {
          writing.delete(written);
        });
      writing.add(written);
    },
    async drain() {
      await Promise.all(writing);
      check();
    },
  };
}

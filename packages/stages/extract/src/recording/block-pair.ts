import type { ActivationColumn, ActivityValues, ScalarColumn } from '@galvani/artifact';
import { allocateSites, type Block, type Piece } from './block.js';
import type { BlockWriter } from './block-writer.js';

/** A block that is being filled: for each site [capacity × width], for each plain column [capacity]. */
export type OpenBlock = Omit<Block, 'pieces'>;

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
  half: boolean,
): BlockPair {
  const free: ActivityValues[][] = [];
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
      return {
        sites: free.pop() ?? allocateSites(capacity, columns, half),
        scalars: createScalars(scalarColumns, capacity),
      };
    },
    send({ sites, scalars }, pieces) {
      const written: Promise<void> = writer
        .write({ sites, pieces, scalars })
        .then(
          () => {
            free.push(sites);
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

/** Empty plain columns of so many rows. */
export function createScalars(columns: readonly ScalarColumn[], rows: number): Block['scalars'] {
  return columns.map(({ name, type }) => ({
    name,
    values: type === 'int32' ? new Int32Array(rows) : new Float32Array(rows),
  }));
}

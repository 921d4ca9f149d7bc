import type { ActivationColumn, ActivationValues, ScalarColumn } from '@galvani/artifact';
import { type Piece, returnSites, type Slab, takeSites } from './slab.js';
import type { SlabWriter } from './slab-writer.js';

/** A slab that is being filled: for each site [capacity x width], for each plain column [capacity]. */
export type OpenSlab = Omit<Slab, 'pieces'>;

/** The two slabs of a recording: while one is written the other is filled. Where there is no room for a second, one serves. */
export interface SlabPair {
  /** A slab to fill; waits while both are being written. Throws what went wrong in writing. */
  take(): Promise<OpenSlab>;
  /** Hands a slab to the writer. Its memory is the writer's from here. */
  send(slab: OpenSlab, pieces: Piece[]): void;
  /**
   * Waits until nothing is being written, which ends the use of the slabs. Those that are free serve another recording at once, the others
   * when they are written. Throws what went wrong.
   */
  drain(): Promise<void>;
}

/** Rows of slabs that several recordings may have beyond one slab each; whoever makes a second one takes its rows from it. */
export interface SlabRoom {
  rows: number;
}

export function createSlabPair(
  writer: SlabWriter,
  capacity: number,
  columns: readonly ActivationColumn[],
  scalarColumns: readonly ScalarColumn[],
  half: boolean,
  room: SlabRoom = { rows: capacity },
): SlabPair {
  const free: ActivationValues[][] = [];
  const writing = new Set<Promise<void>>();
  let made = 0;
  let draining = false;
  let broken: { error: unknown } | undefined;
  const check = () => {
    if (broken) throw broken.error;
  };
  const mayMake = () => made === 0 || (made === 1 && room.rows >= capacity);
  return {
    async take() {
      while (free.length === 0 && !mayMake() && !broken) await Promise.race(writing);
      check();
      if (free.length === 0 && made++ === 1) room.rows -= capacity;
      return {
        sites: free.pop() ?? takeSites(capacity, columns, half),
        scalars: createScalars(scalarColumns, capacity),
      };
    },
    send({ sites, scalars }, pieces) {
      const written: Promise<void> = writer
        .write({ sites, pieces, scalars })
        .then(
          () => {
            if (draining) returnSites([sites], capacity, columns, half);
            else free.push(sites);
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
      draining = true;
      returnSites(free.splice(0), capacity, columns, half);
      await Promise.all(writing);
      draining = false;
      made = 0;
      check();
    },
  };
}

/** Empty plain columns of so many rows. */
export function createScalars(columns: readonly ScalarColumn[], rows: number): Slab['scalars'] {
  return columns.map(({ name, type }) => ({
    name,
    values: type === 'int32' ? new Int32Array(rows) : new Float32Array(rows),
  }));
}

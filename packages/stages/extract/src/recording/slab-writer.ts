import {
  type ActivationColumn,
  type ActivationWriter,
  type Checksum,
  createActivationFile,
  type ScalarColumn,
  type Storage,
} from '@galvani/artifact';
import type { Slab } from './slab.js';

/** The files of a recording. */
export interface RecordingFiles {
  /** Every site, in the order in which they run. */
  columns: ActivationColumn[];
  /** Each file's path and the sites in it, as indices of `columns`. */
  files: { path: string; sites: number[] }[];
  storage: Storage;
  /** Plain columns ahead of the sites in every file. Default: none. */
  scalars?: readonly ScalarColumn[];
  /** Whether the files' checksums are computed, for a manifest. Default: true. */
  checksum?: boolean;
  /** Whether the disk confirms the files before they get their names. Default: true. */
  durable?: boolean;
  /** See `ActivationFileOptions`. Default: false. */
  saturate?: boolean;
}

/** Checksum and size of each written file, in the order of `files`. */
export type WrittenFiles = Checksum<'xxh3'>[];

/** Where full slabs go. */
export interface SlabWriter {
  /** Writes a slab. Its buffer may be used again when that is done. */
  write(slab: Slab): Promise<void>;
  /** Ends the files, which then have their names. */
  finish(): Promise<WrittenFiles>;
  /** Removes what was written. */
  abandon(): Promise<void>;
}

/** Writes the slabs of a recording to its files in this thread, one request after the other. */
export async function createSlabWriter(recording: RecordingFiles): Promise<SlabWriter> {
  const { columns, files, storage } = recording;
  const writers: ActivationWriter[] = [];
  const abandon = async () => {
    await Promise.all(writers.map((writer) => writer.abandon()));
  };
  try {
    for (const { path, sites } of files)
      writers.push(
        await createActivationFile(
          path,
          sites.map((s) => columns[s]),
          storage,
          recording,
        ),
      );
  } catch (error) {
    await abandon();
    throw error;
  }
  const firstRows: number[] = [];
  const append = async ({ sites, scalars, pieces }: Slab) => {
    for (const { firstRow } of pieces) firstRows.push(firstRow);
    const batchesOf = (own: readonly number[]) =>
      pieces.map(({ offset, rows }) => ({
        rows,
        values: own.map((s) => sites[s].subarray(offset * columns[s].width, (offset + rows) * columns[s].width)),
        scalars: scalars.map(({ values }) => values.subarray(offset, offset + rows)),
      }));
    const appended = await Promise.allSettled(writers.map((writer, f) => writer.appendAll(batchesOf(files[f].sites))));
    const failed = appended.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  };
  const finish = () => {
    const order = firstRows.map((_, i) => i).sort((a, b) => firstRows[a] - firstRows[b]);
    return Promise.all(writers.map((writer) => writer.finish(order)));
  };
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
  return {
    write: (slab) => inTurn(() => append(slab)),
    finish: () => inTurn(finish),
    abandon: () => inTurn(abandon),
  };
}

import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder, whileWriting } from '@galvani/terminal';
import type { RecordBatch, Schema } from 'apache-arrow';
import { partialPath } from './atomic.js';
import { type Checksum, type HashName, openHash } from './checksum.js';
import { createSequentialFile } from './direct-io/sequential-file.js';
import { type BatchMessage, GatheringWriter, lz4 } from './gathering-writer.js';

/** An Arrow IPC file being written. */
export interface ArrowFileWriter<H extends HashName = HashName> {
  /** Adds a record batch and returns its message. Its buffers are used until `flush` or `finish` is done. */
  add(batch: RecordBatch): BatchMessage;
  /** The same for a batch of the shape of an earlier one, from its buffers alone; those that are empty may be left out. */
  addLike(message: BatchMessage, buffers: readonly ArrayBufferView[]): void;
  /** Takes over what was added; its buffers may be reused when the promise resolves. */
  flush(): Promise<void>;
  /**
   * Ends the file and gives it its name. Returns its checksum and size. `order` lists the appended batches in the order in
   * which a reader shall see them; default: as they were appended.
   */
  finish(order?: readonly number[]): Promise<Checksum<H>>;
  /** Removes what was written. */
  abandon(): Promise<void>;
}

/**
 * Starts an Arrow IPC file that appears at `path` when it is finished. Checksum, by `hash`, and bytes are counted as they pass; without
 * `checksum` (default true) the former is an empty text. `durable` (default true) has the disk confirm the file before it gets
 * its name, so that not even a power cut leaves a name for half a file; without it a killed process still leaves none. A file
 * that no manifest names is written faster without both. `compressed` (default false): with LZ4, as all of Arrow's implementations in the
 * languages of data analysis read it.
 * @throws Failure that names the file, here and while it is written, where the system refuses: a full disk, no permission
 */
export async function createArrowFile<H extends HashName>(
  path: string,
  schema: Schema,
  hash: H,
  { checksum = true, durable = true, compressed = false } = {},
): Promise<ArrowFileWriter<H>> {
  const folder = dirname(path);
  const temporary = partialPath(path);
  const file = await whileWriting(path, async () => {
    await makeFolder(folder);
    return createSequentialFile(temporary);
  });
  const writer = new GatheringWriter({ autoDestroy: false, ...(compressed && lz4) });
  writer.reset(undefined, schema);
  const growing = checksum ? await openHash(hash) : undefined;
  let bytes = 0;
  const flush = async () => {
    const pieces = writer.take();
    const written = whileWriting(path, () => file.append(pieces));
    // The disk is at work meanwhile.
    for (const piece of pieces) {
      growing?.update(piece);
      bytes += piece.byteLength;
    }
    await written;
  };
  return {
    add: (batch) => writer.writeBatch(batch),
    addLike: (message, buffers) => writer.writeLike(message, buffers),
    flush,
    async finish(order) {
      if (order) writer.reorder(order);
      writer.finish();
      await flush();
      await whileWriting(path, async () => {
        await file.close(durable);
        await rename(temporary, path);
      });
      return { [hash]: growing?.digest() ?? '', bytes } as Checksum<H>;
    },
    async abandon() {
      await file.abandon();
      await rm(temporary, { force: true }).catch(() => undefined);
    },
  };
}

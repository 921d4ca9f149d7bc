import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Failure } from '@galvani/terminal';
import { type RecordBatch, RecordBatchFileWriter, RecordBatchReader, Schema } from 'apache-arrow';

/** Arrow's file writer, with its position, so that a caller can wait until what was written has left its buffers. */
class PositionedWriter extends RecordBatchFileWriter {
  get position(): number {
    return this._position;
  }

  /** Lists the record batches in another order in the footer, which is what readers of a file go by. */
  reorder(order: readonly number[]): void {
    this._recordBatchBlocks = order.map((i) => this._recordBatchBlocks[i]);
  }
}

/** An Arrow IPC file being written. */
export interface ArrowFileWriter {
  /** Writes one record batch; when the promise resolves the batch's buffers may be reused. */
  append(batch: RecordBatch): Promise<void>;
  /**
   * Ends the file and gives it its name. Returns its SHA-256 and size. `order` lists the appended batches in the order in
   * which a reader shall see them; default: as they were appended.
   */
  finish(order?: readonly number[]): Promise<{ sha256: string; bytes: number }>;
  /** Removes what was written. */
  abandon(): Promise<void>;
}

/**
 * Starts an Arrow IPC file that appears at `path` when it is finished. Checksum and bytes are counted as they pass; without
 * `checksum` (default true) the SHA-256 is an empty text, and a file that no manifest names is written faster.
 */
export async function createArrowFile(
  path: string,
  schema: Schema,
  { checksum = true } = {},
): Promise<ArrowFileWriter> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `.${basename(path)}.${process.pid}.partial`);
  const handle = await open(temporary, 'w');
  const writer = new PositionedWriter({ autoDestroy: false });
  writer.reset(undefined, schema);
  const hash = checksum ? createHash('sha256') : undefined;
  let drained = 0;
  let waiting: (() => void) | undefined;
  const pump = (async () => {
    for await (const piece of writer) {
      hash?.update(piece);
      await writeAll(handle, piece);
      drained += piece.byteLength;
      if (drained >= writer.position) waiting?.();
    }
  })();
  // A write error must reach the caller of append or finish, never the process as an unhandled rejection.
  pump.catch(() => waiting?.());
  let broken: unknown;
  pump.catch((error) => {
    broken = error;
  });
  const settle = async () => {
    while (drained < writer.position && broken === undefined)
      await new Promise<void>((resolve) => {
        waiting = resolve;
      });
    waiting = undefined;
    if (broken !== undefined) throw broken;
  };
  return {
    async append(batch) {
      writer.write(batch);
      await settle();
    },
    async finish(order) {
      if (order) writer.reorder(order);
      writer.finish();
      writer.close();
      await pump;
      await handle.sync();
      await handle.close();
      await rename(temporary, path);
      return { sha256: hash?.digest('hex') ?? '', bytes: drained };
    },
    async abandon() {
      await handle.close().catch(() => undefined);
      await rm(temporary, { force: true });
    },
  };
}

async function writeAll(handle: FileHandle, piece: Uint8Array): Promise<void> {
  let at = 0;
  while (at < piece.byteLength) at += (await handle.write(piece, at, piece.byteLength - at)).bytesWritten;
}

/** An Arrow IPC file being read, a record batch at a time. */
export interface ArrowFileReader {
  schema: Schema;
  batches(): AsyncIterable<RecordBatch>;
  close(): Promise<void>;
}

/** Opens an Arrow IPC file. @throws Failure if it is missing or is not one. */
export async function openArrowFile(path: string): Promise<ArrowFileReader> {
  const handle = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    throw new Failure(cause.code === 'ENOENT' ? `${path} does not exist.` : `${path}: ${cause.message}.`, { cause });
  });
  try {
    const reader = await RecordBatchReader.from(handle);
    await reader.open({ autoDestroy: false });
    return {
      schema: reader.schema ?? new Schema([]),
      async *batches() {
        for (let i = 0; i < reader.numRecordBatches; i++) {
          const batch = await reader.readRecordBatch(i);
          if (batch) yield batch;
        }
      },
      close: async () => {
        await handle.close().catch(() => undefined);
      },
    };
  } catch (cause) {
    await handle.close().catch(() => undefined);
    throw new Failure(`${path} is not a readable Arrow file (${(cause as Error).message}).`, { cause });
  }
}

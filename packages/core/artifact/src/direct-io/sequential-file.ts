import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { diskRequest } from './disk-requests.js';
import { beginsPage, pageBytes } from './page-memory.js';
import { returnWriteBuffer, takeWriteBuffer, type WriteBuffer, writeBufferBytes } from './write-buffers.js';

/** A large file that is written from its beginning to its end. */
export interface SequentialFile {
  /**
   * Appends pieces at the end. When the promise resolves they may be reused; writing may go on behind it. A piece of
   * `directBytes` or more that begins a page, in memory and in the file, is written from where it is.
   */
  append(pieces: readonly Uint8Array[]): Promise<void>;
  /** Writes what is left and closes the file. With `durable` the disk has confirmed it by then. */
  close(durable: boolean): Promise<void>;
  /** Closes the file as it is, once nothing is being written. */
  abandon(): Promise<void>;
}

/** A piece shorter than this is copied to a write buffer, which costs less than a place of its own in a request. */
const directBytes = 2 * pageBytes;

/**
 * Opens a new file for writing past the system's page cache where the system allows it (Linux, most local file systems).
 * Recordings are written once, are larger than the cache should hold, and compete with the model for the processor: filling
 * page cache took up to twenty times the processor time of direct writes where it was measured, in a virtual machine. Direct
 * writes want memory, place and length in whole pages.
 */
export async function createSequentialFile(path: string): Promise<SequentialFile> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC;
  let handle: FileHandle = await open(path, flags | (constants.O_DIRECT ?? 0)).catch(() => open(path, flags));
  const direct = handle;
  let reopening: Promise<void> | undefined;
  /** The file system took the flag and refuses the write: go on through the cache. */
  const openPlainly = () => {
    reopening ??= (async () => {
      handle = await open(path, constants.O_WRONLY);
      await direct.close();
    })();
    return reopening;
  };
  /** What is to be written next: parts of the write buffer, and pieces in their own memory. */
  let parts: Uint8Array[] = [];
  /** Their bytes, and those of the write buffer that are not among them yet. */
  let gathered = 0;
  /** The write buffer that is being filled, from `taken` (what is before is among `parts`) to `filled`. */
  let buffer: WriteBuffer | undefined;
  let taken = 0;
  let filled = 0;
  let position = 0;
  let broken: { error: unknown } | undefined;
  const writing = new Set<Promise<void>>();

  const writeAt = async (all: Uint8Array[], at: number): Promise<void> => {
    for (let left = all; left.length > 0; ) {
      const used = handle;
      try {
        const pieces = left;
        const place = at;
        const { bytesWritten } = await diskRequest(() => used.writev(pieces, place));
        at += bytesWritten;
        left = without(left, bytesWritten);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EINVAL' || used !== direct) throw error;
        await openPlainly();
      }
    }
  };
  const freshBuffer = async (): Promise<WriteBuffer> => {
    for (;;) {
      const fresh = takeWriteBuffer(writing.size === 0);
      if (fresh) return fresh;
      await Promise.race(writing);
    }
  };
  /** Makes a part of what the write buffer holds up to `end`. */
  const closePart = (end: number) => {
    if (buffer && end > taken) parts.push(buffer.subarray(taken, end));
    taken = end;
  };
  /** Starts writing all whole pages; what is left over begins a new write buffer. */
  const send = async (): Promise<void> => {
    const rest = gathered % pageBytes;
    closePart(filled - rest);
    const used = buffer;
    const tail = rest === 0 ? undefined : used?.slice(filled - rest, filled);
    const written: Promise<void> = writeAt(parts, position)
      .catch((error) => {
        broken ??= { error };
      })
      .finally(() => {
        if (used) returnWriteBuffer(used);
        writing.delete(written);
      });
    writing.add(written);
    position += gathered - rest;
    parts = [];
    gathered = rest;
    buffer = undefined;
    taken = filled = 0;
    if (!tail) return;
    buffer = await freshBuffer();
    buffer.set(tail);
    filled = rest;
  };
  const check = () => {
    if (broken) throw broken.error;
  };
  const settle = async () => {
    await Promise.all(writing);
  };
  return {
    async append(pieces) {
      let borrowed = false;
      for (const piece of pieces)
        for (let from = 0; from < piece.length; ) {
          check();
          const rest = piece.subarray(from);
          if (gathered % pageBytes === 0 && rest.length >= directBytes && beginsPage(rest)) {
            const whole = rest.length - (rest.length % pageBytes);
            closePart(filled);
            parts.push(rest.subarray(0, whole));
            gathered += whole;
            from += whole;
            borrowed = true;
            continue;
          }
          buffer ??= await freshBuffer();
          const length = Math.min(rest.length, writeBufferBytes - filled);
          buffer.set(rest.subarray(0, length), filled);
          filled += length;
          from += length;
          gathered += length;
          if (filled === writeBufferBytes) await send();
        }
      if (borrowed) {
        await send();
        await settle();
      }
      check();
    },
    async close(durable) {
      const end = position + gathered;
      if (buffer) {
        const padding = (pageBytes - (gathered % pageBytes)) % pageBytes;
        buffer.fill(0, filled, filled + padding);
        filled += padding;
        gathered += padding;
      }
      await send();
      await settle();
      check();
      await handle.truncate(end);
      if (durable) await diskRequest(() => handle.sync());
      await handle.close();
    },
    async abandon() {
      await settle();
      if (buffer) returnWriteBuffer(buffer);
      buffer = undefined;
      await handle.close().catch(() => undefined);
    },
  };
}

/** Parts without their first `bytes` bytes. */
function without(parts: readonly Uint8Array[], bytes: number): Uint8Array[] {
  const left: Uint8Array[] = [];
  for (const part of parts) {
    const gone = Math.min(part.length, bytes);
    bytes -= gone;
    if (gone < part.length) left.push(part.subarray(gone));
  }
  return left;
}

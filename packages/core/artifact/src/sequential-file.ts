import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { returnStage, type Stage, stageBytes, takeStage } from './stage-pool.js';

/** A large file that is written from its beginning to its end. */
export interface SequentialFile {
  /** Adds pieces at the end. When the promise resolves they may be reused; writing goes on behind it. */
  append(pieces: readonly Uint8Array[]): Promise<void>;
  /** Writes what is left and closes the file. With `durable` the disk has confirmed it by then. */
  close(durable: boolean): Promise<void>;
  /** Closes the file as it is, once nothing is being written. */
  abandon(): Promise<void>;
}

/** Lengths and places of direct writes are multiples of this: the page of all common systems. */
const page = 4096;

/**
 * Opens a new file for writing past the system's page cache where the system allows it (Linux, most local file systems).
 * Recordings are written once, are larger than the cache should hold, and compete with the model for the processor: filling
 * page cache took up to twenty times the processor time of direct writes where it was measured, in a virtual machine.
 */
export async function createSequentialFile(path: string): Promise<SequentialFile> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC;
  let handle: FileHandle = await open(path, flags | (constants.O_DIRECT ?? 0)).catch(() => open(path, flags));
  let reopening: Promise<void> | undefined;
  /** The file system took the flag and refuses the write: go on through the cache. */
  const openPlainly = () => {
    reopening ??= (async () => {
      const plain = await open(path, constants.O_WRONLY);
      await handle.close();
      handle = plain;
    })();
    return reopening;
  };
  let stage: Stage | undefined;
  let filled = 0;
  let position = 0;
  let broken: { error: unknown } | undefined;
  const writing = new Set<Promise<void>>();

  const writeStage = async (bytes: Uint8Array, at: number): Promise<void> => {
    for (let done = 0; done < bytes.length; ) {
      try {
        done += (await handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EINVAL' || reopening) throw error;
        await openPlainly();
      }
    }
  };
  const send = (full: Stage, length: number) => {
    const at = position;
    position += length;
    const written: Promise<void> = writeStage(full.subarray(0, length), at)
      .catch((error) => {
        broken ??= { error };
      })
      .finally(() => {
        returnStage(full);
        writing.delete(written);
      });
    writing.add(written);
  };
  const freshStage = async (): Promise<Stage> => {
    for (;;) {
      const taken = takeStage(writing.size === 0);
      if (taken) return taken;
      await Promise.race(writing);
    }
  };
  const settle = async () => {
    await Promise.all(writing);
  };
  return {
    async append(pieces) {
      for (const piece of pieces)
        for (let from = 0; from < piece.length; ) {
          if (broken) throw broken.error;
          stage ??= await freshStage();
          const length = Math.min(piece.length - from, stageBytes - filled);
          stage.set(piece.subarray(from, from + length), filled);
          filled += length;
          from += length;
          if (filled < stageBytes) continue;
          send(stage, stageBytes);
          stage = undefined;
          filled = 0;
        }
      if (broken) throw broken.error;
    },
    async close(durable) {
      const end = position + filled;
      if (stage) {
        const padded = Math.ceil(filled / page) * page;
        stage.fill(0, filled, padded);
        send(stage, padded);
        stage = undefined;
      }
      await settle();
      if (broken) throw broken.error;
      await handle.truncate(end);
      if (durable) await handle.sync();
      await handle.close();
    },
    async abandon() {
      if (stage) returnStage(stage);
      stage = undefined;
      await settle();
      await handle.close().catch(() => undefined);
    },
  };
}

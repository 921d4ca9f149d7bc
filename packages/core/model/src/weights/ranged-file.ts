import { basename } from 'node:path';
import { openRegularFile, UserMistake } from '@galvani/terminal';

/** Bytes that are read by position, never as a whole. */
export interface Ranged {
  /** Where the bytes come from, for messages. */
  path: string;
  /** In bytes. */
  size: number;
  /** The file that the bytes lie in as they are, from byte `offset` on; absent where they have to be decompressed. */
  file?: { path: string; offset: number };
  /** Fills `into` from `position` on; bytes that are not there are an error. */
  read(position: number, into: Uint8Array): Promise<void>;
}

/** Bytes asked from the system at once: read(2) stops at 2 GB. */
const stride = 64 << 20;

/** Opens a regular file for reading by ranges. */
export async function openRanged(path: string): Promise<Ranged & { close(): Promise<void> }> {
  const file = await openRegularFile(path);
  const { size } = await file.stat();
  return {
    path,
    size,
    file: { path, offset: 0 },
    async read(position, into) {
      let done = 0;
      while (done < into.byteLength) {
        const length = Math.min(stride, into.byteLength - done);
        const { bytesRead } = await file.read(into, done, length, position + done);
        if (bytesRead === 0)
          throw new UserMistake(`${path} ends at byte ${position + done}, in the middle of its data.`);
        done += bytesRead;
      }
    },
    close: () => file.close(),
  };
}

/** Largest file that is held in memory: Node's largest buffer. */
const largest = 2 ** 32 - 1;

/** A file's bytes, in memory of their own. */
export async function readFileBytes(path: string): Promise<Uint8Array> {
  const file = await openRanged(path);
  try {
    if (file.size > largest)
      throw new UserMistake(`${basename(path)} has ${file.size} bytes, and at most ${largest} are held in memory.`);
    const bytes = Buffer.allocUnsafeSlow(file.size);
    await file.read(0, bytes);
    return bytes;
  } finally {
    await file.close();
  }
}

import { constants, type FileHandle, open } from 'node:fs/promises';
import { Failure, UserMistake } from '@galvani/terminal';

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
  // Opened without blocking, since opening a pipe for reading would wait for a writer for ever.
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') throw new UserMistake(`${path} does not exist.`, { cause });
    if (code === 'EACCES' || code === 'EPERM')
      throw new UserMistake(`${path} may not be read by this user.`, { cause });
    throw new Failure(`${path} cannot be opened: ${(cause as Error).message}.`, { cause });
  }
  const about = await file.stat();
  if (!about.isFile()) {
    await file.close();
    throw new UserMistake(`${path} is not a regular file.`);
  }
  return {
    path,
    size: about.size,
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

import { constants, type FileHandle, open } from 'node:fs/promises';
import { Failure, UserMistake } from './mistake.js';

/** What a file is to the person, for messages. */
export interface FileRole {
  /** Sentence where nothing is at the path. Default: `PATH does not exist.` */
  missing?: string;
}

/**
 * Opens a regular file for reading. Pipes, devices, sockets and folders are refused without being waited for: reading them
 * may never end.
 * @throws UserMistake that says what is at the path; Failure where the system cannot open it
 */
export async function openRegularFile(path: string, role: FileRole = {}): Promise<FileHandle> {
  const file = await openRegularFileIfThere(path);
  if (file === undefined) throw new UserMistake(role.missing ?? `${path} does not exist.`);
  return file;
}

/** As `openRegularFile`; undefined where nothing is at the path. */
export async function openRegularFileIfThere(path: string): Promise<FileHandle | undefined> {
  let file: FileHandle;
  try {
    // Without O_NONBLOCK, opening a pipe would wait for its writer.
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code === 'EACCES' || code === 'EPERM')
      throw new UserMistake(`${path} may not be read by this user.`, { cause });
    if (code === 'ENXIO') throw new UserMistake(`${path} is a socket or device, not a regular file.`, { cause });
    if (code === 'ELOOP') throw new UserMistake(`${path} is a link that leads round in a circle.`, { cause });
    if (code === 'EISDIR') throw new UserMistake(`${path} is a folder, not a file.`, { cause });
    if (code === 'ENAMETOOLONG' || code === 'ERR_INVALID_ARG_VALUE')
      throw new UserMistake(`${JSON.stringify(path.slice(0, 200))} is no path of a file: ${message}.`, { cause });
    throw new Failure(`${path} cannot be opened: ${message}.`, { cause });
  }
  try {
    const about = await file.stat();
    if (about.isFile()) return file;
    const kind = about.isDirectory() ? 'a folder' : about.isFIFO() ? 'a pipe' : 'a device';
    throw new UserMistake(
      about.isDirectory()
        ? `${path} is a folder, not a file.`
        : `${path} is ${kind}, and only regular files are read: save what it gives to a file first.`,
    );
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The bytes of a regular file, in pieces of at most 1 MiB. @throws as `openRegularFile` */
export async function* readPieces(path: string): AsyncGenerator<Uint8Array> {
  const file = await openRegularFile(path);
  // A stream takes memory for whole pieces before it reads: of a small file that would be most of the time.
  const { size } = await file.stat();
  yield* file.createReadStream({ highWaterMark: Math.min(size + 1, 1 << 20) });
}

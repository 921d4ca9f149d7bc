import { randomUUID } from 'node:crypto';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolder, whileWriting } from '@galvani/terminal';

const suffix = '.partial';

/** A name beside `path` for what is not whole yet. Processes of two machines may have one number, so it is nobody else's at all. */
export const partialPath = (path: string): string => join(dirname(path), `.${basename(path)}.${randomUUID()}${suffix}`);

/** Makes a finished write durable: without it a crash can leave a name that points to nothing. */
async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Has `write` make a temporary file beside `path`, which then gets that name, and with `durable` a folder that the disk has confirmed. */
function appear<T>(path: string, write: (temporaryPath: string) => Promise<T>, durable: boolean): Promise<T> {
  const folder = dirname(path);
  const temporary = partialPath(path);
  return whileWriting(path, async () => {
    try {
      await makeFolder(folder);
      const result = await write(temporary);
      await rename(temporary, path);
      if (durable) await syncPath(folder);
      return result;
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
  });
}

/**
 * Writes a file whole or not at all: `write` fills a temporary file beside `path`, which is then synced and renamed.
 * On an error the temporary file is removed and whatever stood at `path` stays. `durable` (default true): the disk confirms file and name;
 * without it a power cut may leave half a file, a killed process still none.
 * @throws Failure that names the file, where the system refuses: a full disk, no permission
 */
export function writeWhole<T>(
  path: string,
  write: (temporaryPath: string) => Promise<T>,
  { durable = true } = {},
): Promise<T> {
  const confirmed = async (temporary: string) => {
    const result = await write(temporary);
    if (durable) await syncPath(temporary);
    return result;
  };
  return appear(path, confirmed, durable);
}

/** What is written at once, at least: each answer of the file system is waited for. */
const blockBytes = 1 << 20;

/** The same bytes in fewer pieces. */
function* inBlocks(pieces: readonly Uint8Array[]): Generator<Uint8Array> {
  let own: Uint8Array[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    own.push(piece);
    bytes += piece.length;
    if (bytes < blockBytes) continue;
    yield Buffer.concat(own);
    own = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(own);
}

/** Writes bytes or text whole or not at all; otherwise as `writeWhole`. */
export function writeFileWhole(
  path: string,
  content: string | Uint8Array | readonly Uint8Array[],
  { durable = true } = {},
): Promise<void> {
  const write = async (temporary: string) => {
    const handle = await open(temporary, 'w');
    try {
      const whole = typeof content === 'string' || content instanceof Uint8Array;
      for (const block of whole ? [content] : inBlocks(content)) await handle.writeFile(block);
      if (durable) await handle.sync();
    } finally {
      await handle.close();
    }
  };
  return appear(path, write, durable);
}

/** Removes what a killed process left half-written in `folder` (not in its subfolders). */
export async function sweepPartial(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [] as string[]);
  await Promise.all(
    names
      .filter((name) => name.endsWith(suffix))
      .map((name) => rm(join(folder, name), { recursive: true, force: true })),
  );
}

import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UserMistake } from '@galvani/terminal';

/** Free bytes where `folder` lies (or will lie). The environment's GALVANI_FREE_BYTES stands in for the disk's own answer. */
export async function freeBytes(folder: string): Promise<number> {
  const said = process.env.GALVANI_FREE_BYTES;
  if (said !== undefined) {
    if (!/^\d+$/.test(said))
      throw new UserMistake(`GALVANI_FREE_BYTES is '${said}'; it has to be a whole number of bytes.`);
    return Number(said);
  }
  // A folder that is not there yet will lie where the nearest one above it does.
  for (let at = resolve(folder); ; at = dirname(at)) {
    const found = await statfs(at).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT' || at === dirname(at)) throw error;
    });
    if (found) return found.bavail * found.bsize;
  }
}

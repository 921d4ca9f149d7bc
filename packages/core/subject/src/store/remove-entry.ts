import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { newPartial } from './partial.js';

/** Removes an entry as one step, so that nobody finds half of it. */
export async function removeEntry(folder: string, key: string): Promise<void> {
  const doomed = newPartial(folder);
  await rename(join(folder, key), doomed).catch((error: NodeJS.ErrnoException) => {
    // Somebody else removed it.
    if (error.code !== 'ENOENT') throw error;
  });
  await rm(doomed, { recursive: true, force: true });
}

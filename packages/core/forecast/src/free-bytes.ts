import { statfs } from 'node:fs/promises';
import { makeFolder, UserMistake } from '@galvani/terminal';

/** Free bytes where `folder` lies (or will lie). The environment's GALVANI_FREE_BYTES stands in for the disk's own answer. */
export async function freeBytes(folder: string): Promise<number> {
  const said = process.env.GALVANI_FREE_BYTES;
  if (said !== undefined) {
    if (!/^\d+$/.test(said))
      throw new UserMistake(`GALVANI_FREE_BYTES is '${said}'; it has to be a whole number of bytes.`);
    return Number(said);
  }
  await makeFolder(folder);
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

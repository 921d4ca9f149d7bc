import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes of the files under a folder; one with several names counts once. */
export async function diskUse(folder, seen = new Set()) {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await diskUse(path, seen);
    else if (entry.isFile()) {
      const { ino, size } = await lstat(path);
      if (seen.has(ino)) continue;
      seen.add(ino);
      bytes += size;
    }
  }
  return bytes;
}

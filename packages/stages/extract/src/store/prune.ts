import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { entryName, readEntry } from './entry.js';
import { newPartial } from './partial.js';

/** An entry of a store. */
export interface StoreEntry {
  key: string;
  bytes: number;
  /** When it was put or last taken. */
  used: Date;
}

/** The entries of the store in `folder`, the longest unused first. */
export async function listStore(folder: string): Promise<StoreEntry[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const entries: StoreEntry[] = [];
  for (const key of names.filter((name) => /^[0-9a-f]{64}$/.test(name))) {
    const about = await stat(join(folder, key, entryName)).catch(() => undefined);
    const run = await readEntry(join(folder, key), key);
    const outputs = run && !('damaged' in run) ? Object.values(run.outputs) : [];
    entries.push({
      key,
      bytes: outputs.reduce((sum, { bytes }) => sum + bytes, about?.size ?? 0),
      used: about?.mtime ?? new Date(0),
    });
  }
  return entries.sort((a, b) => a.used.getTime() - b.used.getTime() || (a.key < b.key ? -1 : 1));
}

/** Removes an entry as one step, so that nobody finds half of it. */
export async function removeEntry(folder: string, key: string): Promise<void> {
  const doomed = newPartial(folder);
  await rename(join(folder, key), doomed).catch((error: NodeJS.ErrnoException) => {
    // Somebody else removed it.
    if (error.code !== 'ENOENT') throw error;
  });
  await rm(doomed, { recursive: true, force: true });
}

/** Removes the longest unused entries until at most `maxBytes` remain. Returns what was removed. */
export async function pruneStore(folder: string, maxBytes: number): Promise<StoreEntry[]> {
  const entries = await listStore(folder);
  let total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
  const removed: StoreEntry[] = [];
  for (const entry of entries) {
    if (total <= maxBytes) break;
    await removeEntry(folder, entry.key);
    total -= entry.bytes;
    removed.push(entry);
  }
  return removed;
}

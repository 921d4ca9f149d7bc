import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { entryName, readEntry, twinsName } from './entry.js';
import { removeEntry } from './remove-entry.js';

/** An entry of a store: a recording, or a twin that was recorded. */
export interface StoreEntry {
  /** Its name in the store: of a recording its key, of a twin `twins/<key>`. */
  key: string;
  bytes: number;
  /** When it was put or last taken. */
  used: Date;
}

/** The entries of the store in `folder`, the longest unused first. */
export async function listStore(folder: string): Promise<StoreEntry[]> {
  const keysIn = async (part: string) =>
    (await readdir(join(folder, part)).catch(() => [] as string[])).filter((name) => /^[0-9a-f]{64}$/.test(name));
  const entries: StoreEntry[] = [];
  const twins = (await keysIn(twinsName)).map((key) => `${twinsName}/${key}`);
  for (const key of [...(await keysIn('')), ...twins]) {
    const about = await stat(join(folder, key, entryName)).catch(() => undefined);
    const run = await readEntry(join(folder, key), basename(key));
    const outputs = run && !('damaged' in run) ? Object.values(run.outputs) : [];
    entries.push({
      key,
      bytes: outputs.reduce((sum, { bytes }) => sum + bytes, about?.size ?? 0),
      used: about?.mtime ?? new Date(0),
    });
  }
  return entries.sort((a, b) => a.used.getTime() - b.used.getTime() || (a.key < b.key ? -1 : 1));
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

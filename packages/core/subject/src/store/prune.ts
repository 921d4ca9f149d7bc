import { listStore, type StoreEntry } from './list-store.js';
import { removeEntry } from './remove-entry.js';

/** What of a store stays; without either all of it. */
export interface PruneRule {
  /** Most bytes that remain: the longest unused go first. */
  keepBytes?: number;
  /** Entries that were last put or taken before this go, and those without a record. */
  unusedSince?: Date;
  /** true: nothing is removed. Default: false. */
  dryRun?: boolean;
}

/** Removes the entries that a rule leaves out, the longest unused first. Returns what was removed, or would be, and what remains. */
export async function pruneStore(
  folder: string,
  { keepBytes = Number.POSITIVE_INFINITY, unusedSince, dryRun = false }: PruneRule,
): Promise<{ removed: StoreEntry[]; kept: StoreEntry[] }> {
  const entries = await listStore(folder);
  const unused = unusedSince ? entries.filter(({ used }) => used === undefined || used < unusedSince).length : 0;
  const counted = new Set<string>();
  let first = entries.length;
  for (let total = 0; first > unused; first--) {
    // What entries share is there once.
    for (const { id, bytes } of entries[first - 1].files) if (!counted.has(id)) total += bytes;
    if (total > keepBytes) break;
    for (const { id } of entries[first - 1].files) counted.add(id);
  }
  const removed = entries.slice(0, first);
  if (!dryRun) for (const { key } of removed) await removeEntry(folder, key);
  return { removed, kept: entries.slice(first) };
}

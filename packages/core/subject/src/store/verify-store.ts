import { basename, join } from 'node:path';
import { damageOf, readEntry } from './entry.js';
import { storeKeys } from './list-store.js';
import { removeEntry } from './remove-entry.js';

/** An entry that is not as it was put. */
export interface DamagedEntry {
  key: string;
  /** What is wrong: `/store/…/block-00.arrow is damaged`. */
  damage: string;
  /** Whether it was removed. */
  dropped: boolean;
}

/**
 * Reads every file of a store and holds it against its entry's record, and the record against its own checksum.
 *
 * @param options `drop`: damaged entries are removed; `onBytes` is told how many bytes were read
 */
export async function verifyStore(
  folder: string,
  { drop = false, signal, onBytes }: { drop?: boolean; signal?: AbortSignal; onBytes?(bytes: number): void } = {},
): Promise<{ entries: number; damaged: DamagedEntry[] }> {
  const keys = await storeKeys(folder);
  const damaged: DamagedEntry[] = [];
  for (const key of keys) {
    signal?.throwIfAborted();
    const run = await readEntry(join(folder, key), basename(key));
    // Somebody else removed it meanwhile.
    if (run === undefined) continue;
    const damage = 'damaged' in run ? run.damaged : await damageOf(join(folder, key), run);
    if (!('damaged' in run)) onBytes?.(Object.values(run.outputs).reduce((sum, { bytes }) => sum + bytes, 0));
    if (damage === undefined) continue;
    if (drop) await removeEntry(folder, key);
    damaged.push({ key, damage, dropped: drop });
  }
  return { entries: keys.length, damaged };
}

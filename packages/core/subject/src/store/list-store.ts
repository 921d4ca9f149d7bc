import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { entryName, readEntry, type StoredRun, twinsName } from './entry.js';

/** A file of an entry. */
export interface StoredFile {
  /** Names the bytes on disk, which other names may share: device and inode. */
  id: string;
  bytes: number;
  /** Names of these bytes on the whole disk. */
  links: number;
}

/** An entry of a store: a recording, or a twin that was recorded. */
export interface StoreEntry {
  /** Its name in the store: of a recording its key, of a twin `twins/<key>`. */
  key: string;
  bytes: number;
  /** When it was put or last taken; undefined where it has no record. */
  used?: Date;
  /** What its record says of it: prompts, rows, units, sites; of a twin whose it is and its seed. None where that is damaged. */
  facts: StoredRun['facts'];
  /** Its files, the record included. */
  files: StoredFile[];
}

/** The names of a store's entries: recordings, then twins. None where there is no store. */
export async function storeKeys(folder: string): Promise<string[]> {
  const keysIn = async (part: string) =>
    (await readdir(join(folder, part)).catch(() => [] as string[])).filter((name) => /^[0-9a-f]{64}$/.test(name));
  return [...(await keysIn('')), ...(await keysIn(twinsName)).map((key) => `${twinsName}/${key}`)];
}

/** The entries of the store in `folder`, those without a record and then the longest unused first. */
export async function listStore(folder: string): Promise<StoreEntry[]> {
  const entries: StoreEntry[] = [];
  for (const key of await storeKeys(folder)) {
    const place = join(folder, key);
    const about = await stat(join(place, entryName)).catch(() => undefined);
    const run = await readEntry(place, basename(key));
    const files = await filesOf(place);
    const facts = run && !('damaged' in run) ? run.facts : {};
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    entries.push({ key, bytes, used: about?.mtime, facts, files });
  }
  return entries.sort((a, b) => (a.used?.getTime() ?? 0) - (b.used?.getTime() ?? 0) || (a.key < b.key ? -1 : 1));
}

async function filesOf(folder: string): Promise<StoredFile[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const found = names.map(async (name) => {
    const about = await stat(join(folder, name)).catch(() => undefined);
    return about?.isFile() ? [{ id: `${about.dev}:${about.ino}`, bytes: about.size, links: about.nlink }] : [];
  });
  return (await Promise.all(found)).flat();
}

/** Bytes that entries take on disk, each counted once whatever names it has. */
export function distinctBytes(entries: readonly Pick<StoreEntry, 'files'>[]): number {
  return sumOf(namesOf(entries));
}

/** Bytes of entries that have further names elsewhere, such as in the folders of studies: to remove the entries frees none of these. */
export function sharedBytes(entries: readonly Pick<StoreEntry, 'files'>[]): number {
  return sumOf(namesOf(entries).filter(({ file, names }) => file.links > names));
}

/** The distinct files of entries, and how many names each has in them. */
function namesOf(entries: readonly Pick<StoreEntry, 'files'>[]): { file: StoredFile; names: number }[] {
  const found = new Map<string, { file: StoredFile; names: number }>();
  for (const file of entries.flatMap(({ files }) => files))
    found.set(file.id, { file, names: (found.get(file.id)?.names ?? 0) + 1 });
  return [...found.values()];
}

const sumOf = (found: readonly { file: StoredFile }[]) => found.reduce((sum, { file }) => sum + file.bytes, 0);

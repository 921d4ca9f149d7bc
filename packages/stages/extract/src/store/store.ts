import {
  constants,
  copyFile,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
} from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, describeOutput, writeFileWhole } from '@galvani/artifact';

/** What a stage wrote for one run, without its manifest. */
export interface StoredRun {
  /** Files by name, with their SHA-256. */
  outputs: Record<string, { sha256: string; bytes: number }>;
  facts: Record<string, unknown>;
}

/** Finished recordings, by the key of all that decided them: shared by studies, kept when derivatives are deleted. */
export interface Store {
  folder: string;
  /** What is stored under a key; undefined if nothing is. Damaged entries are dropped, with a line. */
  find(key: string): Promise<StoredRun | undefined>;
  /** Puts an entry's files into `target`, which must not have them. */
  take(key: string, run: StoredRun, target: string): Promise<void>;
  /** Keeps a run's files. Does nothing if the key is there already. */
  put(key: string, run: StoredRun, source: string): Promise<void>;
}

const entryName = 'entry.json';
const unfinished = '.partial-';

/** Removes what killed processes left: nobody takes an hour to link some files. */
async function sweepAbandoned(folder: string): Promise<void> {
  const left = (await readdir(folder)).filter((name) => name.startsWith(unfinished));
  for (const name of left) {
    const about = await stat(join(folder, name)).catch(() => undefined);
    if (about && Date.now() - about.mtimeMs > 3600e3) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** Opens the store in a folder, which need not exist. `say` is told about damaged entries. */
export function openStore(folder: string, say: (line: string) => void): Store {
  const entry = (key: string) => join(folder, key);
  return {
    folder,
    async find(key) {
      const run = await readEntry(entry(key));
      if (run === undefined) return undefined;
      const damaged = run === 'damaged' ? entryName : await firstDamaged(entry(key), run);
      if (damaged === undefined) return run as StoredRun;
      say(`the store's ${join(entry(key), damaged)} is damaged: the entry is dropped and the run recorded again.`);
      await rm(entry(key), { recursive: true, force: true });
      return undefined;
    },
    async take(key, run, target) {
      await mkdir(target, { recursive: true });
      for (const name of Object.keys(run.outputs)) await linkOrCopy(join(entry(key), name), join(target, name));
      const now = new Date();
      await utimes(join(entry(key), entryName), now, now);
    },
    async put(key, run, source) {
      if (await stat(entry(key)).catch(() => undefined)) return;
      await mkdir(folder, { recursive: true });
      await sweepAbandoned(folder);
      const temporary = await mkdtemp(join(folder, unfinished));
      try {
        for (const name of Object.keys(run.outputs)) await linkOrCopy(join(source, name), join(temporary, name));
        await writeFileWhole(join(temporary, entryName), canonicalJson(run));
        await rename(temporary, entry(key));
      } catch (error) {
        await rm(temporary, { recursive: true, force: true });
        // Another process put the same entry first.
        if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      }
    },
  };
}

async function readEntry(folder: string): Promise<StoredRun | 'damaged' | undefined> {
  const text = await readFile(join(folder, entryName), 'utf8').catch((error: NodeJS.ErrnoException) => error);
  if (typeof text !== 'string') {
    if (text.code !== 'ENOENT') throw text;
    return (await stat(folder).catch(() => undefined)) ? 'damaged' : undefined;
  }
  try {
    const run = JSON.parse(text) as StoredRun;
    return Object.keys(run.outputs).length > 0 && run.facts ? run : 'damaged';
  } catch {
    return 'damaged';
  }
}

async function firstDamaged(folder: string, run: StoredRun): Promise<string | undefined> {
  for (const [name, expected] of Object.entries(run.outputs)) {
    const found = await describeOutput(join(folder, name)).catch(() => undefined);
    if (found?.sha256 !== expected.sha256) return name;
  }
  return undefined;
}

/** A second name for the same bytes where the file system allows it, else a copy. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!['EXDEV', 'EPERM', 'ENOTSUP', 'EMLINK', 'ENOSYS'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
    await copyFile(from, to, constants.COPYFILE_FICLONE);
  }
}

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
    const run = await readEntry(join(folder, key));
    const outputs = run && run !== 'damaged' ? Object.values(run.outputs) : [];
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
    await rm(join(folder, entry.key), { recursive: true, force: true });
    total -= entry.bytes;
    removed.push(entry);
  }
  return removed;
}

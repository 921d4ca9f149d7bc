import { constants, copyFile, link, lstat, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { areRemembered } from '@galvani/artifact';
import { describeSystemError, explain, isSystemError, makeFolder, whileWriting } from '@galvani/terminal';
import { damageOf, entryName, readEntry, type StoredRun, writeEntry } from './entry.js';
import { disown, makePartial, sweepAbandoned } from './partial.js';
import { removeEntry } from './remove-entry.js';

/** Finished recordings, by the key of all that decided them: shared by studies, kept when derivatives are deleted. */
export interface Store {
  folder: string;
  /**
   * Puts the files that are stored under a key into `target`, which must not have them, and returns what they are; undefined
   * if nothing is stored. `clear` is called first, when it is known that there is something. An entry that is damaged, was
   * altered or lies under another's key is dropped, with a line. Files that are remembered in `memory` to be right are not read.
   */
  take(key: string, target: string, clear: () => Promise<void>, memory?: string): Promise<StoredRun | undefined>;
  /** Whether there is an entry under a key, sound or not. */
  has(key: string): Promise<boolean>;
  /**
   * Keeps a run's files, and says with a line where that is not possible. Does nothing if the key is there already. Returns
   * whether it was kept now.
   */
  put(key: string, run: StoredRun, source: string): Promise<boolean>;
  /** A place for an entry whose files are yet to be written; undefined where the store has the key, or cannot be written. */
  reserve(key: string): Promise<ReservedPlace | undefined>;
}

/** A folder of the store that becomes an entry when its files are there. */
export interface ReservedPlace {
  /** Where the files are to be written. */
  folder: string;
  /** Makes it the entry. Returns the entry's folder; undefined if another process put the same first. @throws where it cannot be kept */
  keep(run: StoredRun): Promise<string | undefined>;
  /** Removes it. */
  drop(): Promise<void>;
}

/** Opens the store in a folder, which need not exist, nor be writable. `say` is told what is wrong with it. */
export function openStore(folder: string, say: (line: string) => void): Store {
  const entry = (key: string) => join(folder, key);
  const drop = async (key: string, damage: string) => {
    const dropped = await removeEntry(folder, key).then(
      () => 'the entry is dropped',
      (error: Error) => `the entry cannot be removed (${error.message})`,
    );
    say(`in the store, ${damage}: ${dropped}, and the run recorded again.`);
  };
  const has = async (key: string) => (await lstat(entry(key)).catch(() => undefined)) !== undefined;
  let swept: Promise<void> | undefined;
  const openPlace = async (key: string): Promise<ReservedPlace> => {
    await makeFolder(folder);
    const place = await makePartial(folder);
    swept ??= sweepAbandoned(folder, place).catch((error) => {
      swept = undefined;
      throw error;
    });
    await swept;
    const drop = () => rm(place, { recursive: true, force: true }).catch(() => undefined);
    return {
      folder: place,
      drop,
      async keep(run) {
        try {
          await writeEntry(place, key, run);
          await disown(place);
          await rename(place, entry(key));
          return entry(key);
        } catch (error) {
          await drop();
          // Another process put the same entry first.
          if (['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
          throw error;
        }
      },
    };
  };
  return {
    folder,
    has,
    async take(key, target, clear, memory) {
      const run = await readEntry(entry(key), key);
      if (run === undefined) return undefined;
      const damage =
        'damaged' in run
          ? run.damaged
          : (await areRemembered(entry(key), run, memory))
            ? undefined
            : await damageOf(entry(key), run);
      if ('damaged' in run || damage !== undefined) {
        await drop(key, damage!);
        return undefined;
      }
      await clear();
      await makeFolder(target);
      try {
        await linkAll(Object.keys(run.outputs), entry(key), target);
      } catch (error) {
        await clear();
        // Somebody else pruned it at this moment.
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        // Where it has to be copied, the system names what is copied, and not the place that has no room for it.
        return whileWriting(target, () => Promise.reject(error));
      }
      const now = new Date();
      // Only the order in which a store is pruned hangs on it.
      await utimes(join(entry(key), entryName), now, now).catch(() => undefined);
      return run;
    },
    async put(key, run, source) {
      if (await has(key)) return false;
      let place: ReservedPlace | undefined;
      try {
        place = await openPlace(key);
        await linkAll(Object.keys(run.outputs), source, place.folder);
        return (await place.keep(run)) !== undefined;
      } catch (error) {
        await place?.drop();
        say(`${source} is whole but could not be kept in the store ${folder}: ${whyNot(error)}`);
        return false;
      }
    },
    async reserve(key) {
      if (await has(key)) return undefined;
      return openPlace(key).catch(() => undefined);
    },
  };
}

/** Of an error of the system without its path: that of what was to be copied, or of a place in the store that is no entry yet. */
function whyNot(error: unknown): string {
  if (!isSystemError(error)) return explain(error).text;
  const { reason, cure } = describeSystemError(error);
  return `${reason}. ${cure}`;
}

/** Gives files of one folder names in another. Where that fails for one it is over for all when this throws. */
async function linkAll(names: readonly string[], from: string, to: string): Promise<void> {
  const linked = await Promise.allSettled(names.map((name) => linkOrCopy(join(from, name), join(to, name))));
  const failed = linked.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

/** A second name for the same bytes where the file system allows it, else a copy. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (
      !['EXDEV', 'EPERM', 'EACCES', 'ENOTSUP', 'EMLINK', 'ENOSYS'].includes((error as NodeJS.ErrnoException).code ?? '')
    )
      throw error;
    await copyFile(from, to, constants.COPYFILE_FICLONE);
  }
}

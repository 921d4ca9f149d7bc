import { constants, copyFile, link, lstat, mkdir, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { explain, makeFolder } from '@galvani/terminal';
import { damageOf, entryName, readEntry, type StoredRun, writeEntry } from './entry.js';
import { newPartial, sweepAbandoned } from './partial.js';
import { removeEntry } from './remove-entry.js';

/** Finished recordings, by the key of all that decided them: shared by studies, kept when derivatives are deleted. */
export interface Store {
  folder: string;
  /**
   * Puts the files that are stored under a key into `target`, which must not have them, and returns what they are; undefined
   * if nothing is stored. `clear` is called first, when it is known that there is something. An entry that is damaged, was
   * altered or lies under another's key is dropped, with a line.
   */
  take(key: string, target: string, clear: () => Promise<void>): Promise<StoredRun | undefined>;
  /**
   * Keeps a run's files, and says with a line where that is not possible. Does nothing if the key is there already. Returns
   * whether it was kept now.
   */
  put(key: string, run: StoredRun, source: string): Promise<boolean>;
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
  return {
    folder,
    async take(key, target, clear) {
      const run = await readEntry(entry(key), key);
      if (run === undefined) return undefined;
      const damage = 'damaged' in run ? run.damaged : await damageOf(entry(key), run);
      if ('damaged' in run || damage !== undefined) {
        await drop(key, damage!);
        return undefined;
      }
      await clear();
      await makeFolder(target);
      try {
        for (const name of Object.keys(run.outputs)) await linkOrCopy(join(entry(key), name), join(target, name));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        // Somebody else pruned it at this moment.
        await clear();
        return undefined;
      }
      const now = new Date();
      // Only the order in which a store is pruned hangs on it.
      await utimes(join(entry(key), entryName), now, now).catch(() => undefined);
      return run;
    },
    async put(key, run, source) {
      if (await lstat(entry(key)).catch(() => undefined)) return false;
      const temporary = newPartial(folder);
      try {
        await makeFolder(folder);
        await mkdir(temporary);
        await sweepAbandoned(folder, temporary);
        for (const name of Object.keys(run.outputs)) await linkOrCopy(join(source, name), join(temporary, name));
        await writeEntry(temporary, key, run);
        await rename(temporary, entry(key));
        return true;
      } catch (error) {
        await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
        const { code } = error as NodeJS.ErrnoException;
        // Another process put the same entry first.
        if (!['ENOTEMPTY', 'EEXIST'].includes(code ?? ''))
          say(`${source} is whole but could not be kept in the store ${folder}: ${explain(error).text}`);
        return false;
      }
    },
  };
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

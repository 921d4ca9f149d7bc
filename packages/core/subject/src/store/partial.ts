import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { lifeOf, type Owner, thisProcess } from '@galvani/artifact';
import { readJsonFileIfThere } from '@galvani/terminal';

const unfinished = '.partial-';
/** Says which process fills a folder that is not an entry yet. */
const ownerName = '.owner.json';

/** A name in a store for what is not an entry yet, or no more. No other process has it, on whatever machine. */
export function newPartial(folder: string): string {
  return join(folder, `${unfinished}${randomUUID()}`);
}

/** Makes such a folder, with a word of whose it is. @throws where that cannot be written, as on a full disk; there is none then */
export async function makePartial(folder: string): Promise<string> {
  const partial = newPartial(folder);
  await mkdir(partial);
  try {
    await writeFile(join(partial, ownerName), JSON.stringify(thisProcess()));
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
  return partial;
}

/** Takes that word out of it, before it becomes an entry. */
export async function disown(partial: string): Promise<void> {
  await rm(join(partial, ownerName), { force: true });
}

/**
 * Removes what killed processes left, not what is at `own`: of this machine at once, else after an hour. Whoever fills a folder for
 * longer on another machine loses what was to be kept, and no more.
 */
export async function sweepAbandoned(folder: string, own: string): Promise<void> {
  const made = await stat(own).catch(() => undefined);
  if (!made) return;
  const left = (await readdir(folder)).filter((name) => name.startsWith(unfinished) && name !== basename(own));
  for (const name of left) {
    const owner = await readJsonFileIfThere(join(folder, name, ownerName)).catch(() => undefined);
    const life = lifeOf(owner as Owner | undefined);
    const about = life === 'unknown' ? await stat(join(folder, name)).catch(() => undefined) : undefined;
    // By the clock of whoever keeps the files: those of two machines may differ.
    if (life === 'dead' || (about && made.mtimeMs - about.mtimeMs > 3600e3))
      await rm(join(folder, name), { recursive: true, force: true });
  }
}

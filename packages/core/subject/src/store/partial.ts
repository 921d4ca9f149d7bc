import { randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

const unfinished = '.partial-';

/** A name in a store for what is not an entry yet, or no more. No other process has it, on whatever machine. */
export function newPartial(folder: string): string {
  return join(folder, `${unfinished}${randomUUID()}`);
}

/** Removes what killed processes left, not what is at `own`: nobody takes an hour to link some files. */
export async function sweepAbandoned(folder: string, own: string): Promise<void> {
  const made = await stat(own).catch(() => undefined);
  if (!made) return;
  const left = (await readdir(folder)).filter((name) => name.startsWith(unfinished) && name !== basename(own));
  for (const name of left) {
    const about = await stat(join(folder, name)).catch(() => undefined);
    // By the clock of whoever keeps the files: those of two machines may differ.
    if (about && made.mtimeMs - about.mtimeMs > 3600e3) await rm(join(folder, name), { recursive: true, force: true });
  }
}

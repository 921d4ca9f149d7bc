import { randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const unfinished = '.partial-';

/** A name in a store for what is not an entry yet, or no more. No other process has it, on whatever machine. */
export function newPartial(folder: string): string {
  return join(folder, `${unfinished}${randomUUID()}`);
}

/** Removes what killed processes left: nobody takes an hour to link some files. */
export async function sweepAbandoned(folder: string): Promise<void> {
  const left = (await readdir(folder)).filter((name) => name.startsWith(unfinished));
  for (const name of left) {
    const about = await stat(join(folder, name)).catch(() => undefined);
    if (about && Date.now() - about.mtimeMs > 3600e3) await rm(join(folder, name), { recursive: true, force: true });
  }
}

import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { requireWritableFolder } from '@galvani/artifact';
import { cacheFolder } from '@galvani/study';
import { Failure } from '@galvani/terminal';

/**
 * Where recordings are kept: the environment's GALVANI_STORE, or `extract` in the workspace's caches. A folder that is there
 * need not be writable.
 * @throws UserMistake where GALVANI_STORE is no folder and none can be made there
 */
export async function storeFolder(root: string): Promise<string> {
  const { GALVANI_STORE: chosen } = process.env;
  if (!chosen) return join(cacheFolder(root), 'extract');
  const folder = resolve(chosen);
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory())
    await requireWritableFolder(folder, 'GALVANI_STORE').catch((error) => {
      // A disk that is full now costs the store alone, which says so.
      if (!(error instanceof Failure)) throw error;
    });
  return folder;
}

import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { manifestName, partsAtWork } from '@galvani/artifact';
import { foldersOf, type StudyFolder, stages } from '@galvani/study';
import type { ViewState } from './view-types.js';

/** The part `state.json`. Of manifests their times, sizes and inodes alone are asked for, so that it may be asked every other second. */
export async function viewState(folder: StudyFolder): Promise<ViewState> {
  const places = [folder.plan];
  for (const stage of stages) for (const { path } of await foldersOf(folder, stage)) places.push(path);
  const found = await Promise.all(
    places.map(async (place) => {
      const file = await stat(join(place, manifestName), { bigint: true }).catch(() => undefined);
      return file ? `${file.mtimeNs} ${file.size} ${file.ino}` : '';
    }),
  );
  const running = partsAtWork(join(folder.root, '.claims')).map(({ part }) => part);
  return {
    version: createHash('sha256').update(found.join('\n')).digest('hex').slice(0, 16),
    running: [...new Set(running)],
  };
}

import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireWritableFolder } from '@galvani/artifact';
import type { StudyFolder } from '@galvani/study';
import { note, UserMistake } from '@galvani/terminal';

/** Temporary folders for the replays of studies that cannot be written, by the study's folder; each is there while this process is. */
const temporary = new Map<string, Promise<string>>();

/** Where replays of a study are put: its own folder, or where nothing can be made in that, as in somebody else's, a temporary one. */
export async function replayPlace(folder: StudyFolder): Promise<StudyFolder> {
  const known = temporary.get(folder.root);
  if (known) return { ...folder, root: await known };
  try {
    await requireWritableFolder(folder.root);
    await requireWritableFolder(join(folder.root, 'replay'));
    return folder;
  } catch (error) {
    if (!(error instanceof UserMistake)) throw error;
  }
  note(`replay: nothing can be written in ${folder.root}, so what is replayed is not kept`);
  const made = temporary.get(folder.root) ?? temporaryFolder();
  temporary.set(folder.root, made);
  return { ...folder, root: await made };
}

async function temporaryFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'galvani-replay-'));
  process.once('exit', () => rmSync(path, { recursive: true, force: true }));
  return path;
}

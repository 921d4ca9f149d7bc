import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  describeOutput,
  type Manifest,
  partialPath,
  rememberOutputs,
  sweepPartial,
  writeManifest,
} from '@galvani/artifact';
import { sharesFolder } from './shares/share-name.js';
import type { Stage } from './stage-plan.js';
import type { StudyFolder } from './study-folder.js';

/** What a stage's manifest says of its work. */
export type StageRecord = Omit<Manifest, 'galvani' | 'stage'>;

/** Ends a stage's work on a folder: writes its manifest, and remembers that its files are as it says. */
export async function commitStage(folder: StudyFolder, stage: Stage, path: string, record: StageRecord): Promise<void> {
  await writeManifest(path, { stage, ...record });
  await rememberOutputs(path, record.outputs, folder.verified);
}

/**
 * Replaces all that a stage has written of a study. What an earlier plan left would be taken for part of this one, so the
 * folder is emptied first; it is whole again when the manifest is there. Shares of the work, which may be what is joined here, go
 * then.
 *
 * @param write is given the stage's folder, and `place`: where to write a file, which is then listed in the manifest. Returns
 * the rest of the manifest, and in it files whose digests it knows already
 */
export async function replaceStage(
  folder: StudyFolder,
  stage: Stage,
  write: (
    place: (file: string) => string,
    path: string,
  ) => Promise<Omit<StageRecord, 'outputs'> & Partial<StageRecord>>,
): Promise<void> {
  const path = folder[stage];
  for (const name of await readdir(path).catch(() => []))
    if (name !== sharesFolder) await rm(join(path, name), { recursive: true, force: true });
  const files: string[] = [];
  const record = await write((file) => {
    files.push(file);
    return join(path, file);
  }, path);
  await sweepPartial(path);
  const outputs: Manifest['outputs'] = { ...record.outputs };
  for (const file of files) outputs[file] = await describeOutput(join(path, file));
  await commitStage(folder, stage, path, { ...record, outputs });
  await removeShares(folder, stage);
}

/** Removes shares of a stage's work; all at once, so that no process that is killed leaves some. */
export async function removeShares(folder: StudyFolder, stage: Stage): Promise<void> {
  const shares = join(folder[stage], sharesFolder);
  const removed = partialPath(shares);
  await rename(shares, removed).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rm(removed, { recursive: true, force: true });
}

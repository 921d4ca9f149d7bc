import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describeOutput, type Manifest, rememberOutputs, sweepPartial, writeManifest } from '@galvani/artifact';
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
 * folder is emptied first; it is whole again when the manifest is there.
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
  await rm(path, { recursive: true, force: true });
  const files: string[] = [];
  const record = await write((file) => {
    files.push(file);
    return join(path, file);
  }, path);
  await sweepPartial(path);
  const outputs: Manifest['outputs'] = { ...record.outputs };
  for (const file of files) outputs[file] = await describeOutput(join(path, file));
  await commitStage(folder, stage, path, { ...record, outputs });
}

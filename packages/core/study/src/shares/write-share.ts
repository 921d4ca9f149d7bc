import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describeOutput, type Manifest, readManifest, rememberOutputs, writeManifest } from '@galvani/artifact';
import type { Share } from '@galvani/terminal';
import type { StageRecord } from '../commit-stage.js';
import type { Stage } from '../stage-plan.js';
import type { StudyFolder } from '../study-folder.js';
import { sharePath } from './share-name.js';
import { codeOfShares, placeholder } from './share-states.js';

/**
 * Writes a share of a stage's work, to be joined with the others: a folder with a manifest, which is written last and says what the share
 * was made of.
 *
 * @param write is given the share's folder, and `place`: where to write a file, which is then listed in the manifest. Returns what the
 * manifest of the stage will say
 */
export async function writeShare(
  folder: StudyFolder,
  stage: Stage,
  share: Share,
  write: (place: (file: string) => string, path: string) => Promise<Omit<StageRecord, 'outputs' | 'facts'>>,
): Promise<void> {
  const path = sharePath(folder, stage, share);
  await rm(path, { recursive: true, force: true });
  const files: string[] = [];
  const record = await write((file) => {
    files.push(file);
    return join(path, file);
  }, path);
  const outputs: Manifest['outputs'] = {};
  for (const file of files) outputs[file] = await describeOutput(join(path, file));
  await writeManifest(path, { stage, ...record, outputs, facts: { ...share, code: await codeOfShares(stage) } });
  await rememberOutputs(path, outputs, folder.verified);
}

/** Leaves a manifest in the place of a share that nobody needs, since its stage is whole. What is there already stays. */
export async function leavePlaceholder(folder: StudyFolder, stage: Stage, share: Share): Promise<void> {
  const path = sharePath(folder, stage, share);
  if ((await readManifest(path).catch(() => undefined)) !== undefined) return;
  const none = { parameters: {}, inputs: {}, outputs: {} };
  await writeManifest(path, { stage, ...none, facts: { ...share, code: placeholder } });
}

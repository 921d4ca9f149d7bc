import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireOwnFolders, type StudyFolder, studyFolder } from '@galvani/study';
import { afterEach, beforeEach, expect, test } from 'vitest';

let folder: StudyFolder;
beforeEach(async () => {
  folder = studyFolder(await mkdtemp(join(tmpdir(), 'galvani-own-')));
});
afterEach(() => rm(folder.root, { recursive: true }));

const write = async (path: string) => {
  await mkdir(join(folder.root, path, '..'), { recursive: true });
  await writeFile(join(folder.root, path), '{}');
};

test('folders of other programs are nothing to galvani, and nor is what lies in none', async () => {
  await expect(requireOwnFolders(studyFolder(join(folder.root, 'none')))).resolves.toBeUndefined();
  for (const path of ['fmriprep/sub-01.nii', 'notes.txt', 'glm/.DS_Store']) await write(path);
  await expect(requireOwnFolders(folder)).resolves.toBeUndefined();
});

test('a folder that a stage would empty, and that holds what none wrote, is refused', async () => {
  await write('glm/sub-01/mine.nii');
  await expect(requireOwnFolders(folder)).rejects.toThrow(/glm holds sub-01, which no stage .* would empty it: name/);
});

test.each(['plan/manifest.json', 'plan/runs.json', 'extract/ses-01_task-a/manifest.json'])(
  'what a stage was stopped in is its own: with %s',
  async (path) => {
    await write('extract/ses-01_task-a/activations.arrow');
    await expect(requireOwnFolders(folder)).rejects.toThrow(/extract holds/);
    await write(path);
    await expect(requireOwnFolders(folder)).resolves.toBeUndefined();
  },
);

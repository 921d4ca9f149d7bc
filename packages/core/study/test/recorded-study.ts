import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StudyFolder, studyFolder } from '@galvani/study';
import { afterAll, beforeAll } from 'vitest';
import { type SyntheticStudy, syntheticStudy } from '../../../../test/synthetic-study.js';

/** The runs of the study. */
export const [first, second] = ['ses-01_task-fossils', 'ses-02_task-fossils'];

/** A designed and recorded study for the tests of a file; each call gives a copy in a workspace that remembers what was verified. */
export function recordedStudies(): () => Promise<StudyFolder> {
  let made: SyntheticStudy;
  let work: string;
  let copies = 0;
  beforeAll(async () => {
    made = await syntheticStudy({ tasks: ['fossils'], sessions: 2 });
    work = await mkdtemp(join(tmpdir(), 'galvani-recorded-'));
  });
  afterAll(async () => {
    await rm(made.folder.root, { recursive: true });
    await rm(work, { recursive: true });
  });
  return async () => {
    const root = join(work, String(copies++));
    // What it remembers is its own.
    await mkdir(root);
    await writeFile(join(root, 'nx.json'), '{}');
    const folder = studyFolder(join(root, 'study'), root);
    await cp(made.folder.root, folder.root, { recursive: true });
    return folder;
  };
}

import { mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { planDigest, readPlan, type StudyFolder, studyFolder } from '@galvani/study';
import { afterAll, beforeAll } from 'vitest';
import { syntheticStudy } from '../../../../test/synthetic-study.js';
import { type Divisions, type TaskList, taskList, writeTaskList } from '../src/index.js';

/** Lists the tasks of a study that lies in its workspace, `<workspace>/study`. Its lesions are of three shares. */
export async function listOf(folder: StudyFolder, divisions: Divisions = { lesion: 3 }): Promise<TaskList> {
  const [parameters, plan] = [await readPlan(folder), (await planDigest(folder))!];
  const list = taskList({
    ...{ name: 'made-up', workspace: folder.workspace!, derivatives: folder.root, plan, parameters, divisions },
  });
  await writeTaskList(list);
  return list;
}

/** A designed and recorded study for the tests of a file, and its tasks. */
export function recordedList(): () => { folder: StudyFolder; list: TaskList } {
  let study: { folder: StudyFolder; list: TaskList };
  beforeAll(async () => {
    const input = { glm: { relabellings: 100, runRelabellings: 100 } } as never;
    const made = await syntheticStudy({ tasks: ['fossils', 'cooking'], sessions: 2, input });
    const workspace = await mkdtemp(`${made.folder.root}-workspace-`);
    await rename(made.folder.root, join(workspace, 'study'));
    const folder = studyFolder(join(workspace, 'study'), workspace);
    study = { folder, list: await listOf(folder) };
  });
  afterAll(() => rm(study.folder.workspace!, { recursive: true }));
  return () => study;
}

import { fileURLToPath } from 'node:url';
import { modelBytes, type TaskList, taskList, writeTaskList } from '@galvani/cluster';
import { planDigest, readPlan, requireEveryStage, type StudyFolder, studyFolder } from '@galvani/study';
import { withStudy } from './study-argument.js';

/** The words that start this galvani, on whatever machine sees its files. */
export const thisGalvani = [process.execPath, fileURLToPath(new URL('../bin/galvani.mjs', import.meta.url))];

/**
 * Plans a study and writes its list of tasks, then does `work`, during which no other command changes the plan.
 * @param named study.yaml or its folder
 * @param out folder for derivatives; default data/derivatives/<study> in the workspace
 */
export function withTaskList<T>(
  named: string,
  out: string | undefined,
  signal: AbortSignal,
  work: (list: TaskList, folder: StudyFolder, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withStudy(
    named,
    out,
    signal,
    async ({ name, study: derivatives, root: workspace }, both) => {
      const folder = studyFolder(derivatives, workspace);
      const [parameters, plan] = [await readPlan(folder), (await planDigest(folder))!];
      const list = taskList(
        { name, workspace, derivatives, plan, parameters },
        await modelBytes(workspace, parameters),
      );
      await writeTaskList(list);
      return work(list, folder, both);
    },
    requireEveryStage,
  );
}

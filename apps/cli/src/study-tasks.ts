import { fileURLToPath } from 'node:url';
import {
  type Divisions,
  divisionsIn,
  divisionsOf,
  readTaskList,
  type TaskList,
  taskList,
  taskListPath,
  writeTaskList,
} from '@galvani/cluster';
import { forecastStudy } from '@galvani/forecast';
import { planDigest, readPlan, type StudyFolder, studyFolder } from '@galvani/study';
import { UserMistake } from '@galvani/terminal';
import { withStudy } from './study-argument.js';
import { type SizedStudy, sizeOrMistake } from './study-forecast.js';

/** The words that start this galvani, on whatever machine sees its files. */
export const thisGalvani = [process.execPath, fileURLToPath(new URL('../bin/galvani.mjs', import.meta.url))];

/** Time goes by cores; tasks that run a model are given four. */
const coresOfTasks = 4;

/**
 * Plans a study and writes its list of tasks, then does `work`, during which no other command changes the plan.
 * @param named study.yaml or its folder
 * @param out folder for derivatives; default that of `derivativesOf`
 * @param work is given the study's size too, as `sizeOrMistake` tells it
 */
export function withTaskList<T>(
  named: string,
  out: string | undefined,
  signal: AbortSignal,
  work: (
    list: TaskList,
    folder: StudyFolder,
    signal: AbortSignal,
    size: SizedStudy | UserMistake | undefined,
  ) => Promise<T>,
): Promise<T> {
  return withStudy(named, out, signal, async ({ name, study: derivatives, root: workspace }, both) => {
    const folder = studyFolder(derivatives, workspace);
    const [parameters, plan] = [await readPlan(folder), (await planDigest(folder))!];
    const found = await sizeOrMistake(parameters, workspace);
    const size = found instanceof UserMistake ? undefined : found;
    const needs = size && forecastStudy(size, coresOfTasks);
    const divisions = (await writtenDivisions(derivatives, plan)) ?? divisionsOf(parameters, size?.layers);
    const list = taskList({ name, workspace, derivatives, plan, parameters, divisions }, needs);
    await writeTaskList(list);
    return work(list, folder, both, found);
  });
}

/** Into how many shares stages are cut in the list that lies there of the same plan; undefined where there is none. */
export async function writtenDivisions(derivatives: string, plan: string): Promise<Divisions | undefined> {
  const written = await readTaskList(taskListPath({ derivatives, plan })).catch((error: Error) => {
    if (!(error instanceof UserMistake)) throw error;
    return undefined;
  });
  return written?.plan === plan ? divisionsIn(written) : undefined;
}

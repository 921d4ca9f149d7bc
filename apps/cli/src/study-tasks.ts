import { resolve } from 'node:path';
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
import { planDigest, readPlan, type StudyFolder } from '@galvani/study';
import { advised, describeSystemError, isSystemError, UserMistake, warn } from '@galvani/terminal';
import { type StudyToRun, withStudy } from './study-argument.js';
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
 * @param options.whereUnwritable whether `work` is done, too, where neither plan nor list can be written, of which a person is warned
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
  { whereUnwritable = false } = {},
): Promise<T> {
  const listed = async (planned: StudyToRun, both: AbortSignal) => {
    const { name, study: derivatives, folder, root: workspace } = planned;
    const [parameters, plan] = [await readPlan(folder), (await planDigest(folder))!];
    const found = await sizeOrMistake(parameters, workspace);
    const size = found instanceof UserMistake ? undefined : found;
    const needs = size && forecastStudy(size, coresOfTasks);
    const divisions = (await writtenDivisions(derivatives, plan)) ?? divisionsOf(parameters, size?.layers);
    const list = taskList({ name, workspace, derivatives, plan, parameters, divisions }, needs);
    if (whereUnwritable) await writeIfPossible(list, planned);
    else await writeTaskList(list);
    return work(list, folder, both, found);
  };
  return withStudy(named, out, signal, listed, { whereUnwritable });
}

/** Writes a list, or warns that it is not there and of what follows for its commands, which name it. */
async function writeIfPossible(list: TaskList, { folder, unwritable }: StudyToRun): Promise<void> {
  const elsewhere = 'with --out FOLDER in a folder of your own, for one';
  if (unwritable)
    return warn(
      `nothing can be written in ${folder.root} (${unwritable}), so this is neither planned nor listed there: its commands run where ${advised('plan --json')} could write both, ${elsewhere}.`,
    );
  await writeTaskList(list).catch((error: Error) => {
    const { cause } = error;
    if (!isSystemError(cause)) throw error;
    warn(
      `${resolve(list.workspace, list.file)} could not be written: ${describeSystemError(cause).reason}. The tasks are listed all the same, but their commands name that file: they run where ${advised('plan --json')} could write it, ${elsewhere}.`,
    );
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

import { resolve } from 'node:path';
import { stageRow } from '@galvani/pipeline';
import { claimed, studyFolder } from '@galvani/study';
import { Failure, type StageArguments, say, warn } from '@galvani/terminal';
import { type Task, type TaskList, wholeStage } from './task.js';
import { stageOf } from './task-list.js';
import { requirePlan } from './task-list-file.js';
import { taskStates } from './task-states.js';

/**
 * Does tasks of one stage, as a job of a cluster does: those that are whole already are kept. What a task reads is held against
 * manifests and plan before it is used, so that one that began too early, or beside another of itself, ends with a sentence or with
 * the same bytes. Where one fails the others are done all the same.
 *
 * @param tasks of one stage
 * @param stage the stage's own function, as its package exports it
 * @throws Failure that says for each task that failed what is missing or wrong, and what to run
 */
export async function runTasks(
  list: TaskList,
  tasks: readonly Task[],
  stage: (args: StageArguments) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const root = list.workspace;
  const study = resolve(root, list.derivatives);
  const folder = studyFolder(study, root);
  // Before anything is claimed: claims would make folders where there is no study.
  await requirePlan(folder, list);
  const failures: string[] = [];
  const work = async (args: StageArguments) => {
    await requirePlan(folder, list);
    for (const task of tasks) {
      args.signal.throwIfAborted();
      try {
        await runTask(list, task, stage, { ...args, among: tasks.map(({ unit }) => unit) });
      } catch (error) {
        if (!(error instanceof Failure) || args.signal.aborted) throw error;
        failures.push(`${task.id}: ${error.message}`);
        if (tasks.length > 1) warn(failures.at(-1)!);
      }
    }
  };
  await claimed(stageOf(tasks[0]), work)({ study, root, signal });
  if (failures.length === 0) return;
  const count = tasks.length > 1 ? `${failures.length} of ${tasks.length} tasks failed. The first was ` : '';
  throw new Failure(`${count}${failures[0]} galvani submit submits what is missing.`);
}

async function runTask(
  list: TaskList,
  task: Task,
  stage: (args: StageArguments) => Promise<void>,
  args: StageArguments,
): Promise<void> {
  const folder = studyFolder(args.study, args.root);
  // A stage that works run by run keeps what is whole by itself.
  if (task.unit !== wholeStage) return stage({ ...args, run: task.unit });
  const before = stageRow(task.stage).partial ? list.tasks.filter(({ id }) => task.needs.includes(id)) : [];
  const states = await taskStates(folder, list, { only: [task, ...before], signal: args.signal });
  const lacking = before.filter(({ id }) => states.get(id)?.state !== 'done');
  // By itself it would do with whatever is there.
  if (lacking.length > 0) {
    const [first] = lacking;
    const problem = states.get(first.id)?.problem ?? `${first.id} is missing`;
    throw new Failure(
      `${lacking.length === 1 ? '' : `${lacking.length} tasks before it are not done. `}${problem}. Run the ${first.stage} stage first.`,
    );
  }
  if (states.get(task.id)?.state === 'done') return say(`${task.id}: kept`);
  await stage(args);
}

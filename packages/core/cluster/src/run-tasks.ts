import { resolve } from 'node:path';
import { stageRow } from '@galvani/pipeline';
import { claimed, leavePlaceholder, removeShares, type StudyFolder, studyFolder } from '@galvani/study';
import { advised, type DividedStage, Failure, formatCount, type StageArguments, say, warn } from '@galvani/terminal';
import { shareOf, type Task, type TaskList, wholeStage } from './task.js';
import { stageOf } from './task-list.js';
import { requirePlan } from './task-list-file.js';
import { taskStates } from './task-states.js';

/** A stage's own functions, as its package exports them. */
export interface StageWork {
  stage: (args: StageArguments) => Promise<void>;
  /** Of one that can be divided. */
  divided?: DividedStage;
}

/** Tasks that failed together, and why. */
interface Failed {
  tasks: number;
  why: string;
}

/**
 * Does tasks of one stage, as a job of a cluster does: those that are whole already are kept. What a task reads is held against
 * manifests and plan before it is used, so that one that began too early, or beside another of itself, ends with a sentence or with
 * the same bytes. Where one fails the others are done all the same; shares are done together, since they begin alike.
 *
 * @param tasks of one stage
 * @throws Failure that says for each task that failed what is missing or wrong, and what to run
 */
export async function runTasks(
  list: TaskList,
  tasks: readonly Task[],
  work: StageWork,
  signal: AbortSignal,
): Promise<void> {
  const root = list.workspace;
  const study = resolve(root, list.derivatives);
  const folder = studyFolder(study, root);
  // Before anything is claimed: claims would make folders where there is no study.
  await requirePlan(folder, list);
  const failures: Failed[] = [];
  const shares = tasks.filter(shareOf);
  const others = tasks.filter((task) => !shareOf(task));
  const attempt = async (some: readonly Task[], args: StageArguments, act: () => Promise<void>) => {
    args.signal.throwIfAborted();
    try {
      await act();
    } catch (error) {
      if (!(error instanceof Failure) || args.signal.aborted) throw error;
      const more = some.length > 1 ? ` and ${some.length - 1} more` : '';
      failures.push({ tasks: some.length, why: `${some[0].id}${more}: ${error.message}` });
      if (tasks.length > 1) warn(failures.at(-1)!.why);
    }
  };
  const stage = stageOf(tasks[0]);
  const doShares = async (args: StageArguments) => {
    await requirePlan(folder, list);
    const left = await notDone(folder, list, shares, args.signal);
    if (left.length > 0)
      await attempt(left, args, () =>
        work.divided!.doShares(
          args,
          left.map((task) => shareOf(task)!),
        ),
      );
  };
  const doOthers = async (args: StageArguments) => {
    await requirePlan(folder, list);
    for (const task of others)
      await attempt([task], args, () =>
        runTask(folder, list, task, work, { ...args, among: others.map(({ unit }) => unit) }),
      );
  };
  if (shares.length > 0)
    await claimed(
      stage,
      doShares,
      shares.map((task) => shareOf(task)!),
    )({ study, root, signal });
  if (others.length > 0) await claimed(stage, doOthers)({ study, root, signal });
  if (failures.length === 0) return;
  const failed = failures.reduce((sum, each) => sum + each.tasks, 0);
  const count =
    tasks.length > 1 ? `${formatCount(failed)} of ${formatCount(tasks.length)} tasks failed. The first was ` : '';
  const then = `${advised('submit')}, or ${advised('export snakemake')} and Snakemake, do what is missing.`;
  throw new Failure(`${count}${failures[0].why} ${then}`);
}

/** Says which shares are kept, and gives the others. */
async function notDone(
  folder: StudyFolder,
  list: TaskList,
  tasks: readonly Task[],
  signal: AbortSignal,
): Promise<Task[]> {
  const states = await taskStates(folder, list, { only: tasks, signal });
  const isDone = ({ id }: Task) => states.get(id)?.state === 'done';
  for (const task of tasks.filter(isDone)) {
    // A stage that is whole has none of its shares any more, and Snakemake looks for what it asked for.
    await leavePlaceholder(folder, stageOf(task), shareOf(task)!);
    say(`${task.id}: kept`);
  }
  return tasks.filter((task) => !isDone(task));
}

async function runTask(
  folder: StudyFolder,
  list: TaskList,
  task: Task,
  { stage, divided }: StageWork,
  args: StageArguments,
): Promise<void> {
  // A stage that works run by run keeps what is whole by itself.
  if (task.unit !== wholeStage) return stage({ ...args, runs: [task.unit] });
  const before = stageRow(task.stage).partial ? list.tasks.filter(({ id }) => task.needs.includes(id)) : [];
  const states = await taskStates(folder, list, { only: [task, ...before], signal: args.signal });
  const lacking = before.filter(({ id }) => states.get(id)?.state !== 'done');
  // By itself it would do with whatever is there.
  if (lacking.length > 0) {
    const [first] = lacking;
    const problem = states.get(first.id)?.problem ?? `${first.id} is missing`;
    throw new Failure(
      `${lacking.length === 1 ? '' : `${lacking.length} tasks before it are not done. `}${problem}. Run ${advised(first.stage, first.stage)} first.`,
    );
  }
  const shares = list.tasks.filter((each) => each.stage === task.stage && shareOf(each));
  if (states.get(task.id)?.state === 'done') {
    say(`${task.id}: kept`);
    // One that was killed when all was done left them.
    if (shares.length > 0) await removeShares(folder, stageOf(task));
  } else if (shares.length === 0) await stage(args);
  else {
    await renewShares(folder, list, shares, divided!, args);
    await divided!.joinShares(args, shares.length);
  }
}

/**
 * Does anew the shares that are there and no longer of use, as where galvani was built anew since: who gives tasks out by files that are
 * there, as Snakemake does, takes them for done. One that is not there is still to come.
 */
async function renewShares(
  folder: StudyFolder,
  list: TaskList,
  shares: readonly Task[],
  divided: DividedStage,
  args: StageArguments,
): Promise<void> {
  const states = await taskStates(folder, list, { only: shares, signal: args.signal });
  const stateOf = ({ id }: Task) => states.get(id)!;
  if (shares.some((share) => stateOf(share).state === 'missing')) return;
  const old = shares.filter((share) => stateOf(share).state !== 'done');
  if (old.length === 0) return;
  const which = old.length === 1 ? 'it is' : `it and ${formatCount(old.length - 1)} more are`;
  say(`${old[0].stage}: ${stateOf(old[0]).problem}; ${which} done anew`);
  await divided.doShares(
    args,
    old.map((task) => shareOf(task)!),
  );
}

import { shellWord } from '@galvani/terminal';
import { groupsOf, type Task, type TaskList } from '../task.js';
import type { TaskState } from '../task-states.js';
import { type Batch, batchPath } from './batch-file.js';
import { jobArray, tasksOfIndex } from './job-array.js';
import { type Profile, settingsOf } from './profile.js';
import type { QueuedArray } from './queue.js';

/** An array to submit, and what it waits for. */
export interface Submission {
  batch: Batch;
  /** Groups that are submitted before it: it begins when all of their tasks have succeeded. */
  afterGroups: string[];
  /** Arrays that were in the queue already: it begins when they have ended, however, and looks for itself what they made. */
  afterJobs: string[];
}

/**
 * What has to be submitted so that a study is done: tasks that are not, unless they are in the queue; and all that read what these
 * make, which keep what turns out to be as it was.
 *
 * @param galvani the words that start galvani, where the profile does not say
 */
export function planSubmission(
  list: TaskList,
  states: ReadonlyMap<string, TaskState>,
  queue: readonly QueuedArray[],
  { profile, galvani }: { profile: Profile; galvani: readonly string[] },
): Submission[] {
  const groups = groupsOf(list);
  const queued = new Set(
    queue.flatMap(({ group, size, indices }) =>
      [...indices.keys()].flatMap((index) => tasksOfIndex(groups.get(group) ?? [], { size }, index)),
    ),
  );
  const chosen = new Map<string, Set<string>>();
  const submissions: Submission[] = [];
  for (const [group, tasks] of groups) {
    const needed = new Set(tasks[0].needs);
    const before = [...groups].flatMap(([each, own]) => (own.some(({ id }) => needed.has(id)) ? [each] : []));
    const again = ({ needs }: Task) => before.some((each) => needs.some((id) => chosen.get(each)?.has(id)));
    const wanted = (task: Task) => again(task) || (states.get(task.id)?.state !== 'done' && !queued.has(task));
    const settings = settingsOf(profile, tasks[0].stage);
    const { unitsPerTask = tasks[0].resources.together, maxArraySize } = settings;
    const array = jobArray(tasks, wanted, { unitsPerTask, maxArraySize });
    if (array.indices.length === 0) continue;
    chosen.set(group, new Set(array.indices.flatMap((k) => tasksOfIndex(tasks, array, k)).map(({ id }) => id)));
    submissions.push({
      batch: { array, settings, resources: tasks[0].resources, galvani },
      afterGroups: before.filter((each) => chosen.has(each)),
      afterJobs: queue.filter((each) => before.includes(each.group)).map(({ job }) => job),
    });
  }
  return submissions;
}

/** The words that submit an array. `jobs`: the number of the job of each group that was submitted before. */
export function sbatchWords(
  list: TaskList,
  { batch, afterGroups, afterJobs }: Submission,
  jobs: (group: string) => string,
): string[] {
  const conditions = [
    ...(afterGroups.length > 0 ? [`afterok:${afterGroups.map(jobs).join(':')}`] : []),
    ...(afterJobs.length > 0 ? [`afterany:${afterJobs.join(':')}`] : []),
  ];
  return [
    'sbatch',
    '--parsable',
    ...(conditions.length > 0 ? [`--dependency=${conditions.join(',')}`] : []),
    batchPath(list, batch.array.group),
  ];
}

/** The same as lines for a shell in the workspace, which a person may read or run. */
export function submissionScript(list: TaskList, submissions: readonly Submission[]): string[] {
  return submissions.map((each) => {
    const words = sbatchWords(list, each, (group) => `$${group}`);
    // A variable is not to be quoted away.
    const command = words.map((word) => (word.includes('$') ? `"${word}"` : shellWord(word))).join(' ');
    return `${each.batch.array.group}=$(${command})`;
  });
}

import { shellWord } from '../shell-word.js';
import { stagesOf, type Task, type TaskList } from '../task.js';
import type { TaskState } from '../task-states.js';
import { type Batch, batchPath } from './batch-file.js';
import { jobArray, tasksOfIndex } from './job-array.js';
import { type Profile, settingsOf } from './profile.js';
import type { QueuedArray } from './queue.js';

/** An array to submit, and what it waits for. */
export interface Submission {
  batch: Batch;
  /** Stages that are submitted before it: it begins when all of their tasks have succeeded. */
  afterStages: string[];
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
  const stages = stagesOf(list);
  const queued = new Set(
    queue.flatMap(({ stage, size, indices }) =>
      [...indices.keys()].flatMap((index) => tasksOfIndex(stages.get(stage) ?? [], { size }, index)),
    ),
  );
  const chosen = new Map<string, Set<string>>();
  const submissions: Submission[] = [];
  for (const [stage, tasks] of stages) {
    const before = [...stages.keys()].filter((each) => tasks[0].needs.some((id) => id.split('/')[0] === each));
    const again = ({ needs }: Task) => needs.some((id) => chosen.get(id.split('/')[0])?.has(id));
    const wanted = (task: Task) => again(task) || (states.get(task.id)?.state !== 'done' && !queued.has(task));
    const settings = settingsOf(profile, stage);
    const { unitsPerTask = tasks[0].resources.together, maxArraySize } = settings;
    const array = jobArray(tasks, wanted, { unitsPerTask, maxArraySize });
    if (array.indices.length === 0) continue;
    chosen.set(stage, new Set(array.indices.flatMap((k) => tasksOfIndex(tasks, array, k)).map(({ id }) => id)));
    submissions.push({
      batch: { array, settings, resources: tasks[0].resources, galvani },
      afterStages: before.filter((each) => chosen.has(each)),
      afterJobs: queue.filter((each) => before.includes(each.stage)).map(({ job }) => job),
    });
  }
  return submissions;
}

/** The words that submit an array. `jobs`: the number of the job of each stage that was submitted before. */
export function sbatchWords(
  list: TaskList,
  { batch, afterStages, afterJobs }: Submission,
  jobs: (stage: string) => string,
): string[] {
  const conditions = [
    ...(afterStages.length > 0 ? [`afterok:${afterStages.map(jobs).join(':')}`] : []),
    ...(afterJobs.length > 0 ? [`afterany:${afterJobs.join(':')}`] : []),
  ];
  return [
    'sbatch',
    '--parsable',
    ...(conditions.length > 0 ? [`--dependency=${conditions.join(',')}`] : []),
    batchPath(list, batch.array.stage),
  ];
}

/** The same as lines for a shell in the workspace, which a person may read or run. */
export function submissionScript(list: TaskList, submissions: readonly Submission[]): string[] {
  return submissions.map((each) => {
    const words = sbatchWords(list, each, (stage) => `$${stage}`);
    // A variable is not to be quoted away.
    const command = words.map((word) => (word.includes('$') ? `"${word}"` : shellWord(word))).join(' ');
    return `${each.batch.array.stage}=$(${command})`;
  });
}

import { groupOf, type Task } from '../task.js';

/** A stage, or its shares, as a job array: task k of the array does the units from `(k - 1) * size + 1` to `k * size`. */
export interface JobArray {
  /** See `groupOf`. */
  group: string;
  stage: string;
  units: number;
  /** Of an array of one unit its name. */
  only?: string;
  /** Units of each task; the last one may have less. */
  size: number;
  /** The tasks that are wanted, from 1, in order. */
  indices: number[];
}

/**
 * Packs a stage, or its shares, into an array. What a task of it does depends on all of its units, and not on which of them are wanted, so
 * that a number means the same whenever a stage is submitted.
 *
 * @param tasks all of the group
 * @param wanted which of them are to be done
 * @param options.unitsPerTask at least so many units in a task
 * @param options.maxArraySize Slurm's MaxArraySize: the largest index is one less
 */
export function jobArray(
  tasks: readonly Task[],
  wanted: (task: Task) => boolean,
  { unitsPerTask, maxArraySize }: { unitsPerTask: number; maxArraySize: number },
): JobArray {
  const units = tasks.length;
  const size = Math.min(units, Math.max(unitsPerTask, Math.ceil(units / (maxArraySize - 1))));
  const count = Math.ceil(units / size);
  const indices = Array.from({ length: count }, (_, k) => k + 1).filter((k) =>
    tasksOfIndex(tasks, { size }, k).some(wanted),
  );
  const [{ stage, unit }] = tasks;
  return { group: groupOf(tasks[0]), stage, units, ...(units === 1 && { only: unit }), size, indices };
}

/** The units that task `index` of an array does. */
export function tasksOfIndex(tasks: readonly Task[], { size }: Pick<JobArray, 'size'>, index: number): Task[] {
  return tasks.slice((index - 1) * size, index * size);
}

/** Numbers as Slurm lists them: `1-4,7,9-10`. */
export function indexList(indices: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const index of indices) {
    const last = ranges.at(-1);
    if (last && last[1] === index - 1) last[1] = index;
    else ranges.push([index, index]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join();
}

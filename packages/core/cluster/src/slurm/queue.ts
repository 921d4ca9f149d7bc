import { jobName } from './batch-file.js';
import type { SubmittedArray } from './submitted-jobs.js';

/** Words that ask Slurm for one's own jobs, a line for each task of an array: job, index, state and name. */
export const squeueWords = ['squeue', '--me', '--noheader', '--array', '--format=%F|%K|%T|%j'];

/** An array that was submitted, and those of its tasks that wait or run. */
export interface QueuedArray extends SubmittedArray {
  /** State in Slurm's word, such as PENDING, by index. */
  indices: Map<number, string>;
}

/** The submitted arrays that are still in the queue. @param printed what `squeueWords` printed */
export function queuedArrays(printed: string, study: string, submitted: readonly SubmittedArray[]): QueuedArray[] {
  const found = new Map(submitted.map((each) => [each.job, { ...each, indices: new Map<number, string>() }]));
  for (const line of printed.split('\n')) {
    const [job, index, state, ...name] = line.trim().split('|');
    const own = found.get(job);
    // A cluster that was set up anew counts its jobs from 1 again.
    if (own && /^\d+$/.test(index) && name.join('|') === jobName(study, own.group))
      own.indices.set(Number(index), state);
  }
  return [...found.values()].filter(({ indices }) => indices.size > 0);
}

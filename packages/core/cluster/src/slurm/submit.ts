import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { writeFileWhole } from '@galvani/artifact';
import { advised, Failure, makeFolder, UserMistake } from '@galvani/terminal';
import { requireOneLine } from '../one-line.js';
import type { TaskList } from '../task.js';
import { batchFile, batchFolderOf, batchPath } from './batch-file.js';
import { type QueuedArray, queuedArrays, squeueWords } from './queue.js';
import { type Submission, sbatchWords } from './submission.js';
import { readSubmitted, type SubmittedArray, writeSubmitted } from './submitted-jobs.js';

/** Runs a command of Slurm and gives what it prints. */
export type SlurmCommand = (words: readonly string[]) => Promise<string>;

const run = promisify(execFile);

/** Runs a command of Slurm in the workspace. */
export function slurmIn(workspace: string): SlurmCommand {
  return async ([file, ...words]) => (await run(file, words, { cwd: workspace, maxBuffer: 1e9 })).stdout;
}

/** The arrays of a study that are in the queue; undefined where Slurm does not say. */
export async function readQueue(list: TaskList, slurm: SlurmCommand): Promise<QueuedArray[] | undefined> {
  const submitted = await readSubmitted(list);
  const printed = await slurm(squeueWords).catch(() => undefined);
  return printed === undefined ? undefined : queuedArrays(printed, list.study, submitted);
}

/** Writes the batch files. @throws UserMistake as `requireOneLine` */
export async function writeBatches(list: TaskList, submissions: readonly Submission[]): Promise<void> {
  requireOneLine(list, "Slurm's batch files");
  // Slurm makes no folder, and a job that cannot write what it prints does not start.
  await makeFolder(join(batchFolderOf(list), 'log'));
  for (const { batch } of submissions)
    await writeFileWhole(resolve(list.workspace, batchPath(list, batch.array.group)), batchFile(list, batch));
}

/**
 * Submits arrays, one after another, and remembers each.
 * @param queue what is in the queue already
 * @returns the job number of each array, by its group
 * @throws UserMistake where there is no Slurm; Failure with Slurm's own words where it refuses one
 */
export async function submitBatches(
  list: TaskList,
  submissions: readonly Submission[],
  queue: readonly QueuedArray[],
  slurm: SlurmCommand,
): Promise<Map<string, string>> {
  const jobs = new Map<string, string>();
  const known: SubmittedArray[] = queue.map(({ job, group, plan, size }) => ({ job, group, plan, size }));
  for (const submission of submissions) {
    const { group, size } = submission.batch.array;
    const words = sbatchWords(list, submission, (each) => jobs.get(each)!);
    const printed = await slurm(words).catch((error) => refuse(error, group, words, [...jobs.keys()]));
    // `12`, or `12;cluster` where there are several clusters.
    const job = printed.trim().split(';')[0];
    if (!/^\d+$/.test(job))
      throw new Failure(`sbatch answered '${printed.trim()}' for ${group}, not with a job's number.`);
    jobs.set(group, job);
    known.push({ job, group, plan: list.plan, size });
    await writeSubmitted(list, known);
  }
  return jobs;
}

function refuse(
  error: NodeJS.ErrnoException & { stderr?: string },
  group: string,
  words: string[],
  done: string[],
): never {
  if (error.code === 'ENOENT')
    throw new UserMistake(
      `there is no sbatch on this machine: run ${advised('submit')} where jobs are submitted from, or with --dry-run, which only writes the batch files.`,
      { cause: error },
    );
  const said = (error.stderr ?? error.message).trim().replaceAll(/\s*\n\s*/g, ' ');
  const before =
    done.length > 0
      ? ` ${done.join(', ')} ${done.length === 1 ? 'is' : 'are'} submitted; the same command goes on from there.`
      : '';
  throw new Failure(
    `Slurm does not take ${group} (${words.join(' ')}): ${said}${/[.!]$/.test(said) ? '' : '.'}${before}`,
    {
      cause: error,
    },
  );
}

import { join } from 'node:path';
import { canonicalJson, writeFileWhole } from '@galvani/artifact';
import { readJsonFileIfThere } from '@galvani/terminal';
import { z } from 'zod';
import type { TaskList } from '../task.js';
import { batchFolderOf } from './batch-file.js';

const submittedSchema = z.object({
  jobs: z.array(
    z.object({
      /** The array's job number. */
      job: z.string(),
      /** See `groupOf`. */
      group: z.string(),
      /** Of the list of tasks that its numbers are of. */
      plan: z.string(),
      /** Units of each task of the array. */
      size: z.int().min(1),
    }),
  ),
});

/** An array that was submitted. */
export type SubmittedArray = z.infer<typeof submittedSchema>['jobs'][number];

const jobsPath = (list: TaskList) => join(batchFolderOf(list), 'jobs.json');

/** Arrays that were submitted of a study; none where that is not known: nothing hangs on it but that a task may run twice. */
export async function readSubmitted(list: TaskList): Promise<SubmittedArray[]> {
  const content = await readJsonFileIfThere(jobsPath(list)).catch(() => undefined);
  return submittedSchema.safeParse(content).data?.jobs ?? [];
}

export async function writeSubmitted(list: TaskList, jobs: readonly SubmittedArray[]): Promise<void> {
  await writeFileWhole(jobsPath(list), canonicalJson({ jobs }));
}

import { resolve } from 'node:path';
import { canonicalJson, writeFileWhole } from '@galvani/artifact';
import { planDigest, type StudyFolder } from '@galvani/study';
import { advised, Failure, readJsonFile, readTextFileIfThere, UserMistake } from '@galvani/terminal';
import { type TaskList, taskFormat, taskListSchema } from './task.js';

const make = () => `${advised('plan STUDY --json')} writes one and prints it`;

/** Writes a list of tasks where it says that it lies, unless it is there. Equal plans of one workspace give the same file. */
export async function writeTaskList(list: TaskList): Promise<void> {
  const [path, text] = [resolve(list.workspace, list.file), canonicalJson(list)];
  if ((await readTextFileIfThere(path).catch(() => undefined)) !== text) await writeFileWhole(path, text);
}

/** @throws UserMistake for a file that is not there, or no list of tasks of this galvani */
export async function readTaskList(path: string): Promise<TaskList> {
  const content = await readJsonFile(path, { missing: `there is no list of tasks at ${path}: ${make()}.` });
  const { format } = (content ?? {}) as { format?: unknown };
  if (typeof format === 'string' && format.startsWith('galvani tasks ') && format !== taskFormat)
    throw new UserMistake(
      `${path} was written by another galvani (${format}, this one reads ${taskFormat}): ${make()}.`,
    );
  const read = taskListSchema.safeParse(content);
  if (!read.success) throw new UserMistake(`${path} is not a list of tasks: ${make()}.`);
  return read.data;
}

/**
 * A list is of one plan; another one has other units, and other results.
 * @throws Failure where the study has another plan by now, or none
 */
export async function requirePlan(folder: StudyFolder, { plan, study }: TaskList): Promise<void> {
  const now = await planDigest(folder);
  if (now === plan) return;
  const what = now === undefined ? 'is not planned any more' : 'was planned anew since this list of tasks was written';
  throw new Failure(
    `${study} ${what}: ${advised('submit')}, or ${advised('export')}, makes tasks of the study as it is now.`,
  );
}

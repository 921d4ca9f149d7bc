import { UserMistake } from '@galvani/terminal';
import type { TaskList } from './task.js';

/**
 * What schedulers are given says a path, and a study's name, in one line.
 * @param whose files, as a sentence has them
 * @throws UserMistake where either has a line break
 */
export function requireOneLine({ study, workspace, derivatives }: TaskList, whose: string): void {
  const broken = [workspace, derivatives, study].find((each) => /[\r\n]/.test(each));
  if (broken !== undefined)
    throw new UserMistake(
      `${JSON.stringify(broken)} has a line break in its name, which ${whose} cannot say: rename the folder.`,
    );
}

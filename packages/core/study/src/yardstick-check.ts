import { didYouMean, UserMistake } from '@galvani/terminal';
import { requireOwnFolders } from './map-folder.js';
import type { StudyFile } from './study-file.js';

/**
 * Checks the groups of topics that the `yardstick` part asks for.
 *
 * @throws UserMistake with the line of study.yaml that is at fault
 */
export function checkYardstick(file: StudyFile, restTopics: readonly string[]): void {
  const { tasks, yardstick } = file.study;
  const where = (name: string) => file.locate('yardstick', 'groups', name);
  const topics = [...tasks, ...restTopics];
  for (const [name, group] of yardstick.groups) {
    const unknown = group.find((topic) => !topics.includes(topic));
    if (unknown !== undefined)
      throw new UserMistake(
        `${where(name)}: '${unknown}' is neither a task nor a topic of rest.${didYouMean(unknown, topics)} There are: ${topics.join(', ')}.`,
      );
    if (new Set(group).size !== group.length) throw new UserMistake(`${where(name)}: a topic is listed twice.`);
    const alone = tasks.find((task) => task === name);
    if (alone !== undefined)
      throw new UserMistake(`${where(name)}: '${name}' is a task, which is tested alone: give the group another name.`);
  }
  const names = yardstick.groups.map(([name]) => name);
  requireOwnFolders('topics', [...tasks, ...names], where);
}

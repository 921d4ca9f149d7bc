import { didYouMean, formatCount, UserMistake } from '@galvani/terminal';
import type { Task, TaskList } from './task.js';
import { stagesOf } from './task.js';

/**
 * The tasks of a stage that a person, or a job, names: `6`, `6-8` (positions, from 1), a unit's name, or several of these with
 * commas between; all without `units`. Each once, in the order of the list.
 *
 * @throws UserMistake for a stage or a unit that the list does not have
 */
export function selectTasks(list: TaskList, stage: string, units?: string): Task[] {
  const stages = stagesOf(list);
  const tasks = stages.get(stage);
  if (!tasks) {
    const names = [...stages.keys()];
    throw new UserMistake(
      `there is no stage '${stage}' among the tasks.${didYouMean(stage, names)} It has: ${names.join(', ')}.`,
    );
  }
  if (units === undefined) return tasks;
  const chosen = new Set<Task>();
  for (const part of units.split(',').map((each) => each.trim())) {
    const named = tasks.find(({ unit }) => unit === part);
    const range = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (named) chosen.add(named);
    else if (range) for (const task of tasksOf(range[1], range[2] ?? range[1], part, tasks)) chosen.add(task);
    else throw new UserMistake(`there is no unit '${part}' of ${stage}.${suggestion(part, tasks)}`);
  }
  return tasks.filter((task) => chosen.has(task));
}

function tasksOf(first: string, last: string, part: string, tasks: readonly Task[]): Task[] {
  const [from, to] = [Number(first), Number(last)];
  if (from < 1 || to > tasks.length || from > to)
    throw new UserMistake(
      `--units ${part} is not among the ${formatCount(tasks.length)} units of ${tasks[0].stage}: positions go from 1 to ${tasks.length}, as in 1-${tasks.length}.`,
    );
  return tasks.slice(from - 1, to);
}

function suggestion(part: string, tasks: readonly Task[]): string {
  const names = tasks.map(({ unit }) => unit);
  const some = names.length <= 6 ? names.join(', ') : `${names.slice(0, 3).join(', ')}, … (${names.length})`;
  return `${didYouMean(part, names)} Give positions, such as 1-${names.length}, or names: ${some}.`;
}

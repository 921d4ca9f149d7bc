import type { Component, Distance } from '@galvani/artifact';
import { capital, count, counted, decimal, listed, probability, taskName } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';

type Measured = Pick<StudyResults, 'geometry'>;

/** Pairs of tasks, rest not among them, nearest first. */
export function taskDistances({ geometry: { distances = [] } }: Measured): Distance[] {
  return distances.filter(({ task_b }) => task_b !== 'rest').sort((a, b) => a.distance - b.distance);
}

/** Which tasks lie near each other and which far, and whether sessions agree; none of a study in which that was not measured. */
export function geometrySentences(results: Measured): string[] {
  const pairs = taskDistances(results);
  if (pairs.length < 2) return [];
  const [nearest, farthest] = [pairs[0], pairs[pairs.length - 1]];
  const said = (pair: Distance) =>
    `${taskName(pair.task_a)} and ${taskName(pair.task_b)} (${decimal(pair.distance)}, 95% interval ${decimal(pair.lower)} to ${decimal(pair.upper)})`;
  const apart = pairs.filter(({ p_over_pairs }) => p_over_pairs < 0.05).length;
  const differ =
    apart === 0
      ? `None of the ${count(pairs.length)} pairs of tasks differs by more than its prompts exchanged do (p over pairs at least ${probability(Math.min(...pairs.map(({ p_over_pairs }) => p_over_pairs)))}), so which are near is not known.`
      : `Activity differs between ${apart === pairs.length ? 'all' : `${count(apart)} of the`} ${count(pairs.length)} pairs of tasks (p below .05 over pairs); ${said(nearest)} lie nearest to each other, ${said(farthest)} farthest.`;
  const agreed = results.geometry.ceiling?.find(({ session }) => session === 0);
  if (!agreed || !Number.isFinite(agreed.lower)) return [differ];
  return [
    differ,
    agreed.p < 0.05
      ? `Sessions agree on that: the distances of one correlate at ${decimal(agreed.lower)} with those of the others (p ${probability(agreed.p)}).`
      : `Sessions do not agree on that beyond chance: the distances of one correlate at ${decimal(agreed.lower)} with those of the others (p ${probability(agreed.p)}).`,
  ];
}

/** Tasks that a component follows, by falling |r|, with `less` where it goes down with the task. */
export function followedTasks(rows: readonly Component[], component: number): string[] {
  return rows
    .filter((row) => row.component === component && row.p_over_all < 0.05)
    .sort((a, b) => Math.abs(b.r) - Math.abs(a.r))
    .map(({ task, r }) => `${taskName(task)}${r < 0 ? ' (less)' : ''}`);
}

/** Which tasks somebody would have found who did not know of them. */
export function componentSentence({ geometry: { components = [] } }: Measured): string | undefined {
  const all = [...new Set(components.map(({ component }) => component))];
  if (all.length === 0) return undefined;
  const following = all.filter((component) => followedTasks(components, component).length > 0);
  if (following.length === 0)
    return `Of ${counted(all.length, 'component')} none follows a task by more than chance gives the largest of all.`;
  const found = [
    ...new Set(components.filter(({ p_over_all }) => p_over_all < 0.05).map(({ task }) => taskName(task))),
  ];
  const tasks = new Set(components.map(({ task }) => task)).size;
  const which = found.length === tasks ? (tasks === 1 ? 'the task' : `all ${count(tasks)} tasks`) : listed(found);
  return capital(
    `${count(following.length)} of ${counted(all.length, 'component')} ${following.length === 1 ? 'follows' : 'follow'} a task (p below .05 over all components and tasks), and between them ${which}.`,
  );
}

import type { YardstickTopic } from '@galvani/artifact';
import { count, listed, probability, taskName } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';

/** Measures by which tasks are set beside rest topics. */
export const yardstickMeasures = ['squared_effect', 'members', 'repeatability', 'identified'] as const;
export type YardstickMeasure = (typeof yardstickMeasures)[number];

/** Rest topics that a task exceeds, of all of them. */
export function exceeded(topics: readonly YardstickTopic[], task: YardstickTopic, measure: YardstickMeasure) {
  const rest = topics.filter(({ role }) => role === 'rest');
  return { below: rest.filter((topic) => topic[measure] < task[measure]).length, of: rest.length };
}

/** How far tasks exceed rest topics, in a sentence; none where nothing was compared. */
export function yardstickSentence({ yardstick: { topics = [] } }: Pick<StudyResults, 'yardstick'>): string[] {
  const tasks = topics.filter(({ role }) => role === 'task');
  if (tasks.length === 0) return [];
  const places = tasks.map((task) => ({ task: task.topic, ...exceeded(topics, task, 'squared_effect') }));
  const [{ of }] = places;
  const above = places.filter(({ below }) => below === of).map(({ task }) => taskName(task));
  const others = places
    .filter(({ below }) => below < of)
    .map(({ task, below }) => `${taskName(task)} than ${count(below)}`);
  const begin = `Tried like the tasks, with ${count(tasks[0].prompts)} prompts each, rest topics differ from each other too:`;
  if (above.length === 0)
    return [`${begin} no task differs from rest by more than all ${count(of)} of them do (${listed(others)}).`];
  const all = `${listed(above)} ${above.length === 1 ? 'differs' : 'differ'} from rest by more than all ${count(of)} of them do (p ${probability(1 / (1 + of))}, the least that so many topics give)`;
  return [`${begin} ${all}${others.length === 0 ? '' : `, ${listed(others)}`}.`];
}

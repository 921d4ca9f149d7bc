import type { Recording } from '@galvani/results';

/** A topic that a study presented: a task, or one of those that rest is made of. */
export interface PresentedTopic {
  name: string;
  isTask: boolean;
  /** Its prompts, by their rows among those of all runs. */
  rows: number[];
}

/** The prompts of all runs, run after run. */
export interface PresentedPrompts {
  /** Tasks first, each in order of first appearance. */
  topics: PresentedTopic[];
  /** Run of each prompt, from 0. */
  runs: Int32Array;
}

/** Tasks have their own prompts, rest topics those of rest, each once where runs share them. */
export function presentedTopics(recordings: readonly Pick<Recording, 'run' | 'events' | 'isTask'>[]): PresentedPrompts {
  const tasks = new Map<string, PresentedTopic>();
  const rest = new Map<string, PresentedTopic>();
  const runs: number[] = [];
  const seen = new Set<string>();
  for (const [r, { run, events, isTask }] of recordings.entries())
    for (const [p, event] of events.entries()) {
      const [own, name] = isTask[p] ? [tasks, run.task] : [rest, event.topic];
      if (!own.has(name)) own.set(name, { name, isTask: own === tasks, rows: [] });
      if (isTask[p] || !seen.has(event.prompt_id)) own.get(name)!.rows.push(runs.length);
      seen.add(event.prompt_id);
      runs.push(r);
    }
  return { topics: [...tasks.values(), ...rest.values()], runs: Int32Array.from(runs) };
}

/** Fewest prompts of a topic, so that both halves have a difference between two. */
export const fewestPrompts = 4;
/** Fewest rest topics that make a distribution. */
export const fewestTopics = 5;

/** Topics that are tried with equally many prompts. */
export interface MatchedTopics {
  /** Prompts of each, an even number. */
  prompts: number;
  topics: PresentedTopic[];
}

/**
 * @param asked prompts of each topic; default the largest even number that every task and three quarters of the rest topics have
 * @returns in words why there is nothing to compare, where that is so
 */
export function matchTopics(topics: readonly PresentedTopic[], asked?: number): MatchedTopics | string {
  const counts = (isTask: boolean) => topics.filter((topic) => topic.isTask === isTask).map(({ rows }) => rows.length);
  const rest = counts(false)
    .filter((count) => count >= fewestPrompts)
    .sort((a, b) => a - b);
  const tooFew = (found: number, least: number) =>
    `too few of the rest topics have ${least} prompts or more in the study: ${found}, and a comparison takes ${fewestTopics}`;
  if (rest.length < fewestTopics) return tooFew(rest.length, fewestPrompts);
  const most = Math.min(rest[Math.floor(rest.length / 4)], ...counts(true));
  const prompts = asked ?? 2 * Math.floor(most / 2);
  const matched = topics.filter(({ rows }) => rows.length >= prompts);
  const compared = matched.filter(({ isTask }) => !isTask).length;
  if (prompts < fewestPrompts) return `a task has ${most} prompts, and a comparison takes ${fewestPrompts}`;
  if (compared < fewestTopics) return tooFew(compared, prompts);
  if (!matched.some(({ isTask }) => isTask)) return `no task has ${prompts} prompts in the study (yardstick.prompts)`;
  return { prompts, topics: matched };
}

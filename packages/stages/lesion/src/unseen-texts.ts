import { randomStream } from '@galvani/numerics';
import type { Prompt } from '@galvani/study';

/** A text that nothing was learnt from. */
export interface UnseenText extends Pick<Prompt, 'id' | 'text'> {
  /** A task, or `rest`. */
  topic: string;
}

/**
 * Of each task's topic, and of all rest topics together, texts of the bank that no run presents, at random and `most` at the most. A topic
 * with fewer than `least` has none; random strings are in no bank.
 *
 * @param shown ids of the prompts of all runs
 */
export function unseenTexts(
  bank: readonly Prompt[],
  { tasks, restTopics }: { tasks: readonly string[]; restTopics: readonly string[] },
  shown: ReadonlySet<string>,
  { most, least, seed }: { most: number; least: number; seed: number },
): UnseenText[] {
  const groups = [...tasks.map((task) => ({ topic: task, of: [task] })), { topic: 'rest', of: restTopics }];
  return groups.flatMap(({ topic, of }) => {
    const left = bank.filter((prompt) => of.includes(prompt.topic) && !shown.has(prompt.id));
    if (left.length < least) return [];
    const drawn = randomStream(seed, 'lesion', 'texts', topic).shuffled(left).slice(0, most);
    return drawn.map(({ id, text }) => ({ id, text, topic }));
  });
}

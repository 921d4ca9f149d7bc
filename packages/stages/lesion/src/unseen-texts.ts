import { randomStream } from '@galvani/numerics';
import { type CountTokens, type Prompt, randomStrings, randomStringsTask } from '@galvani/study';

/** A text that nothing was learnt from. */
export interface UnseenText extends Pick<Prompt, 'id' | 'text'> {
  /** A task, `rest`, or what a person calls it. */
  topic: string;
  /** Whether it is read under lesions of other topics' networks too. */
  underOthers: boolean;
}

interface Options {
  /** Most and fewest texts of a topic; one with fewer has none. */
  most: number;
  least: number;
  /** Texts of a topic that are read under lesions of other topics' networks. */
  underOthers: number;
  seed: number;
  /** Tokens of a text for the model at hand, which random strings are matched in. */
  countTokens?: CountTokens;
}

/**
 * Of each task's topic, and of all rest topics together where there are any, texts of the bank that no run presents, at random. Random strings are made anew,
 * as those of another session.
 *
 * @param design seed and topics of the study's design
 * @param shown ids of the prompts of all runs
 */
export function unseenTexts(
  bank: readonly Prompt[],
  design: { seed: number; tasks: readonly string[]; restTopics: readonly string[] },
  shown: ReadonlySet<string>,
  { most, least, underOthers, seed, countTokens }: Options,
): UnseenText[] {
  const { tasks, restTopics } = design;
  const models = bank.filter(({ topic }) => tasks.includes(topic) || restTopics.includes(topic));
  const rest = restTopics.length > 0 ? [{ topic: 'rest', of: restTopics }] : [];
  const groups = [...tasks.map((task) => ({ topic: task, of: [task] as readonly string[] })), ...rest];
  return groups.flatMap(({ topic, of }) => {
    const left =
      topic === randomStringsTask
        ? randomStrings(design.seed, 0, Math.min(most, mostStrings), models, countTokens)
        : bank.filter((prompt) => of.includes(prompt.topic) && !shown.has(prompt.id));
    if (left.length < least) return [];
    const drawn = randomStream(seed, 'lesion', 'texts', topic)
      .shuffled(left)
      .slice(0, topic === 'rest' ? underOthers : most);
    return drawn.map(({ id, text }, k) => ({ id, text, topic, underOthers: k < underOthers }));
  });
}

/** Random strings that are made where all texts are asked for: there is no end of them. */
const mostStrings = 100;

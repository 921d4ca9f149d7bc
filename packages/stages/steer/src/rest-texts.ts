import { randomStream } from '@galvani/numerics';
import type { Prompt } from '@galvani/study';
import { UserMistake } from '@galvani/terminal';

/** Fewest texts from which anything is said. */
const leastTexts = 4;

/** Texts on rest topics that no run presents. */
export interface RestTexts {
  /** Whose first tokens the model continues. */
  openings: Pick<Prompt, 'id' | 'text'>[];
  /** Others, which the steered model reads. */
  read: Pick<Prompt, 'id' | 'text'>[];
}

/**
 * Draws openings and texts to read, `most` of each at the most, of the rest prompts that no run presents: on no task's topic, so that a
 * shift towards it is the steering's, and seen by no network.
 * @throws UserMistake where fewer than four of each are left
 */
export function restTexts(
  bank: readonly Prompt[],
  restTopics: readonly string[],
  shown: ReadonlySet<string>,
  { most, seed }: { most: number; seed: number },
): RestTexts {
  const left = bank.filter(({ id, topic }) => restTopics.includes(topic) && !shown.has(id));
  if (left.length < 2 * leastTexts)
    throw new UserMistake(
      `steer needs ${2 * leastTexts} rest prompts that no run presents, and the bank has ${left.length} left: show fewer prompts (design.sessions, design.promptsPerBlock), or add prompts on rest topics to the bank.`,
    );
  const each = Math.min(most, Math.floor(left.length / 2));
  const drawn = randomStream(seed, 'steer', 'texts').shuffled(left);
  return { openings: drawn.slice(0, each), read: drawn.slice(each, 2 * each) };
}

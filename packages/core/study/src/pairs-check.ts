import { UserMistake } from '@galvani/terminal';
import type { Prompt } from './prompt-bank.js';
import type { StudyFile } from './study-file.js';
import { randomStringsTask, type Study } from './study-schema.js';

/** Prompts that a run presents: on blocks between off blocks, or pairs of one of each. */
export const promptsOfRun = ({ pairs, cycles, promptsPerBlock }: Study['design']): number =>
  (pairs ? 2 * cycles : 2 * cycles + 1) * promptsPerBlock;

/**
 * The rest prompt that each prompt of some tasks is paired with: the one of the same `pair` in the bank, by the task prompt's id.
 *
 * @throws UserMistake for a task prompt with no partner or several
 */
export function partnersOf(
  bank: readonly Prompt[],
  tasks: readonly string[],
  restTopics: readonly string[],
): ReadonlyMap<string, Prompt> {
  const byPair = new Map<string, Prompt[]>();
  for (const prompt of bank)
    if (prompt.pair !== undefined) byPair.set(prompt.pair, [...(byPair.get(prompt.pair) ?? []), prompt]);
  const partners = new Map<string, Prompt>();
  for (const { id, topic, pair } of bank) {
    if (!tasks.includes(topic)) continue;
    if (pair === undefined)
      throw new UserMistake(
        `the prompt '${id}' has no pair. Give both prompts of a pair the same text in a column pair.`,
      );
    const others = byPair.get(pair)!.filter((prompt) => prompt.id !== id);
    if (others.length !== 1 || !restTopics.includes(others[0].topic))
      throw new UserMistake(
        `the pair '${pair}' of the prompt '${id}' has ${others.length === 0 ? 'no other prompt' : others.map((other) => `'${other.id}' (${other.topic})`).join(', ')}; it takes one prompt of a topic of rest: ${restTopics.join(', ')}.`,
      );
    partners.set(id, others[0]);
  }
  return partners;
}

/** Checks that the bank has the pairs that `design.pairs` asks for. @throws UserMistake with the line of study.yaml that is at fault */
export function checkPairs(file: StudyFile, bank: readonly Prompt[], restTopics: readonly string[]): void {
  const { tasks, design, glm } = file.study;
  if (!design.pairs) return;
  const where = file.locate('design', 'pairs');
  if (tasks.includes(randomStringsTask))
    throw new UserMistake(
      `${where}: ${randomStringsTask} are made from the seed and have no partners in the bank. Leave out one of the two.`,
    );
  if (glm.drift)
    throw new UserMistake(
      `${file.locate('glm', 'drift')}: a drift is over the rows of a run, and with design.pairs each pair has a level of its own, which leaves no drift. Leave one of the two out.`,
    );
  try {
    partnersOf(bank, tasks, restTopics);
  } catch (cause) {
    throw new UserMistake(`${where}: ${(cause as Error).message}`, { cause });
  }
}

import { UserMistake } from '@galvani/terminal';
import type { Absent } from './absent.js';
import type { Prompt } from './prompt-bank.js';
import { type Blocks, supplyAdvice } from './prompt-supply.js';
import type { StudyFile } from './study-file.js';
import { randomStringsTask, type Study } from './study-schema.js';

/** Whether a study has no rest (`rest: none`): off blocks hold prompts of the other tasks. */
export const hasNoRest = ({ rest }: Pick<Study, 'rest'>): boolean => rest.topics?.length === 0;

/** Prompts of each task that a study without rest presents: as many in off blocks of other runs as its own runs have there. */
const promptsOfEach = ({ sessions, cycles, promptsPerBlock }: Blocks): number =>
  sessions * (2 * cycles + 1) * promptsPerBlock;

/**
 * Checks a study whose off blocks hold prompts of the other tasks.
 * @throws UserMistake with the line of study.yaml that is at fault
 */
export function checkOffTasks(file: StudyFile, bank: readonly Prompt[]): void {
  const { tasks, design } = file.study;
  if (tasks.length < 2)
    throw new UserMistake(
      `${file.locate('rest')}: without rest the off blocks hold prompts of the other tasks, and there is one task, '${tasks[0]}'. Add a task, or leave out rest: none.`,
    );
  if (design.pairs)
    throw new UserMistake(
      `${file.locate('design', 'pairs')}: the partners of design.pairs are prompts of topics of rest, and rest is none. Leave one of the two out.`,
    );
  const need = promptsOfEach(design);
  const fewest = Math.min(
    ...tasks.map((task) => (task === randomStringsTask ? Number.POSITIVE_INFINITY : held(bank, task))),
  );
  for (const task of tasks) {
    if (task === randomStringsTask) continue;
    const have = held(bank, task);
    if (have < need)
      throw new UserMistake(
        `${file.locate('design', 'sessions')}: without rest ${design.sessions} sessions x ${2 * design.cycles + 1} blocks x ${design.promptsPerBlock} prompts need ${need} prompts on ${task}, on blocks and the off blocks of the other tasks together; the bank has ${have}. ${supplyAdvice(design, (blocks) => promptsOfEach(blocks) <= fewest)}`,
      );
  }
}

const held = (bank: readonly Prompt[], task: string) => bank.filter(({ topic }) => topic === task).length;

/** Why a study without rest has no stage that takes topics of rest. */
export function withoutRest(study: Study, what: string): Absent | undefined {
  if (!hasNoRest(study)) return undefined;
  return { absent: `${what}, and the study has no rest (rest: none). Leave out rest: none to have it.` };
}

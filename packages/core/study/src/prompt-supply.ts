import { UserMistake } from '@galvani/terminal';
import type { Prompt } from './prompt-bank.js';
import type { StudyFile } from './study-file.js';
import { randomStringsTask, type Study } from './study-schema.js';

export type Blocks = Pick<Study['design'], 'sessions' | 'cycles' | 'promptsPerBlock'>;

/** Prompts that the on blocks of a task take in all sessions. */
export const promptsOfTask = ({ sessions, cycles, promptsPerBlock }: Blocks): number =>
  sessions * cycles * promptsPerBlock;

/** Different prompts that the off blocks of a study take; with pairs those of the bank's partners, which are counted with their tasks. */
export function promptsOfRest({ tasks, rest, design }: Pick<Study, 'tasks' | 'rest' | 'design'>): number {
  const runs = rest.repeat === 'tasks' ? 1 : tasks.length;
  return design.sessions * runs * (design.cycles + 1) * design.promptsPerBlock;
}

/**
 * No prompt is shown twice in a study, or rest only in the runs of a session: the bank must hold enough.
 * @throws UserMistake with the line of study.yaml that is at fault, and the designs that the bank has prompts for
 */
export function checkSupply(file: StudyFile, bank: readonly Prompt[], restTopics: readonly string[]): void {
  const { study } = file;
  const { tasks, design, rest } = study;
  const { sessions, cycles, promptsPerBlock } = design;
  const held = (topics: readonly string[]) => bank.filter(({ topic }) => topics.includes(topic)).length;
  const restHeld = held(restTopics);
  const fits = (blocks: Blocks): boolean =>
    tasks.every((task) => task === randomStringsTask || held([task]) >= promptsOfTask(blocks)) &&
    (design.pairs === true || restHeld >= promptsOfRest({ ...study, design: { ...design, ...blocks } }));
  const refuse = (what: string, repeat = '') => {
    throw new UserMistake(`${file.locate('design', 'sessions')}: ${what} ${supplyAdvice(design, fits, repeat)}`);
  };
  const need = promptsOfTask(design);
  for (const task of tasks) {
    if (task === randomStringsTask) continue;
    const have = held([task]);
    if (have < need)
      refuse(
        `${sessions} sessions x ${cycles} on blocks x ${promptsPerBlock} prompts need ${need} prompts on ${task}; the bank has ${have}.`,
      );
  }
  // A pair has its rest prompt.
  if (design.pairs) {
    if (rest.repeat)
      throw new UserMistake(
        `${file.locate('rest', 'repeat')}: with design.pairs each prompt has its own partner, and there is no rest that runs could share. Leave one of the two out.`,
      );
    return;
  }
  const restNeed = promptsOfRest(study);
  if (restHeld >= restNeed) return;
  const runs = sessions * (rest.repeat ? 1 : tasks.length);
  const shared = promptsOfRest({ ...study, rest: { ...rest, repeat: 'tasks' } });
  const isEnough = !rest.repeat && tasks.length > 1 && restHeld >= shared;
  refuse(
    `the off blocks of ${runs} ${rest.repeat ? 'session' : 'run'}${runs === 1 ? '' : 's'} need ${restNeed} prompts on other topics; the bank has ${restHeld}.`,
    isEnough
      ? `, or for rest.repeat: tasks, with which the runs of a session share their rest (${shared} prompts; the overlap of networks is then not tested)`
      : '',
  );
}

/**
 * What to do where the bank has too few prompts: the largest designs that it has enough for, in a sentence.
 *
 * @param further what else there is to do
 */
export function supplyAdvice(design: Blocks, fits: (blocks: Blocks) => boolean, further = ''): string {
  const enough = (['sessions', 'cycles', 'promptsPerBlock'] as const).flatMap((field) => {
    const count = largest(design[field], (fewer) => fits({ ...design, [field]: fewer }));
    return count > 0 ? [`design.${field}: ${count}`] : [];
  });
  const lower = enough.length > 0 ? `It has enough for ${enough.join(', or ')}${further}. Or add` : `Add`;
  return `${lower} prompts to the bank.`;
}

/** The largest count below `from` that fits, 0 for none. */
function largest(from: number, fits: (count: number) => boolean): number {
  for (let count = from - 1; count > 0; count--) if (fits(count)) return count;
  return 0;
}

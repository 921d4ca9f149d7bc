import { type Power, type PromptsNeeded, promptsNeeded } from '@galvani/artifact';
import { count, counted, listed, percent, taskName } from '../page/words.js';

/** How many prompts a study needs, in sentences; none where nobody has asked. */
export function powerSentences(rows: readonly Power[], tasks: readonly string[]): string[] {
  const recorded = rows.findLast(({ varied, task }) => varied === 'prompts' && task === '');
  if (!recorded) return [];
  const joint = promptsNeeded(rows, '');
  if (!joint)
    return ['How many prompts are needed cannot be said: no network had a member whose effect other data could show.'];
  const { prompts_per_block: now, sessions } = recorded;
  const held = rows.find((row) => row.varied === 'expected' && row.task === '' && row.prompts_per_block === now)!;
  const ofTasks = tasks.flatMap((task) => {
    const own = promptsNeeded(rows, task);
    return own ? [`${taskName(task)} ${number(own)}`] : [];
  });
  return [
    `The ${count(now)} prompts of a block in ${counted(sessions, 'session')} are expected to find ${percent(held.power)} of the units that respond as members of these networks do; it takes ${number(joint)} to find 80% (${listed(ofTasks)}).`,
  ];
}

const number = ({ count: prompts, enough }: PromptsNeeded) => (enough ? count(prompts) : `more than ${count(prompts)}`);

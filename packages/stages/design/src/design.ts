import type { Event } from '@galvani/artifact';
import { type Run, runsOf } from '@galvani/pipeline';
import {
  type CountTokens,
  type Prompt,
  partnersOf,
  randomStrings,
  randomStringsTask,
  type StageParameters,
} from '@galvani/study';
import { dealTasks, type TaskPools } from './deal-tasks.js';
import { balancedOrder } from './stimulus-order.js';

/**
 * The events of every run: one task a run, blocks off, on, off (and on, off for each further cycle), no prompt twice in
 * the study, or rest alone in all runs of a session (`repeatRest`). Prompts are dealt session by session, so a further session leaves the events of earlier ones as they were.
 *
 * Off blocks hold prompts of the rest topics, on blocks of the task; both balanced over topics and forms. In pairs each prompt of
 * the task follows its partner. Without rest topics off blocks hold prompts of the other tasks (`dealTasks`). The order in
 * which runs are presented does not matter, since every prompt is read in a fresh context.
 *
 * @param countTokens tokens of a text for the model at hand, which random strings are matched in
 */
export function designRuns(
  asked: StageParameters['design'],
  bank: readonly Prompt[],
  countTokens?: CountTokens,
): { run: Run; events: Event[] }[] {
  const { seed, tasks, design, restTopics, repeatRest } = asked;
  const { cycles, promptsPerBlock } = design;
  const restPool = bank.filter((prompt) => restTopics.includes(prompt.topic));
  const rest = balancedOrder(restPool, (p) => p.topic, seed, 'design', 'rest');
  const pools: TaskPools = new Map(
    tasks
      .filter((task) => task !== randomStringsTask)
      .map((task) => [
        task,
        balancedOrder(
          bank.filter((p) => p.topic === task),
          (p) => p.form,
          seed,
          'design',
          task,
        ),
      ]),
  );
  const onCount = cycles * promptsPerBlock;
  const offCount = (cycles + 1) * promptsPerBlock;
  const models = bank.filter((p) => tasks.includes(p.topic) || restTopics.includes(p.topic));
  const partners = design.pairs && partnersOf(bank, tasks, restTopics);
  const runs = runsOf(tasks, design.sessions);
  if (restTopics.length === 0) {
    const strings = (session: number) => randomStrings(seed, session, onCount + offCount, models, countTokens);
    return dealTasks({ seed, runs, onCount, offCount }, pools, strings).map(({ run, on, off }) => ({
      run,
      events: present(run, on, off, promptsPerBlock),
    }));
  }
  return runs.map((run, r) => {
    const on =
      pools.get(run.task)?.slice((run.session - 1) * onCount, run.session * onCount) ??
      randomStrings(seed, run.session, onCount, models, countTokens);
    if (partners) return { run, events: presentPairs(run, on, partners) };
    const dealt = repeatRest === 'tasks' ? run.session - 1 : r;
    const off = rest.slice(dealt * offCount, (dealt + 1) * offCount);
    return { run, events: present(run, on, off, promptsPerBlock) };
  });
}

/** Lays prompts out in alternating blocks, off first. */
function present(run: Run, on: readonly Prompt[], off: readonly Prompt[], promptsPerBlock: number): Event[] {
  return Array.from({ length: on.length + off.length }, (_, i) => {
    const block = Math.floor(i / promptsPerBlock);
    const task = block % 2 === 1;
    const within = i % promptsPerBlock;
    const prompt = (task ? on : off)[Math.floor(block / 2) * promptsPerBlock + within];
    return eventOf(run, prompt, i, block, task);
  });
}

/** Lays pairs out one after another, the rest prompt first: each prompt is a block. */
function presentPairs(run: Run, on: readonly Prompt[], partners: ReadonlyMap<string, Prompt>): Event[] {
  return on.flatMap((prompt, i) => [
    eventOf(run, partners.get(prompt.id)!, 2 * i, 2 * i, false),
    eventOf(run, prompt, 2 * i + 1, 2 * i + 1, true),
  ]);
}

function eventOf(run: Run, prompt: Prompt, place: number, block: number, task: boolean): Event {
  return {
    run: run.name,
    session: run.session,
    task: run.task,
    prompt: place,
    block,
    condition: task ? 'task' : 'rest',
    prompt_id: prompt.id,
    topic: prompt.topic,
    form: prompt.form,
    text: prompt.text,
  };
}

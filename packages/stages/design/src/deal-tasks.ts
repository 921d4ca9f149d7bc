import type { Run } from '@galvani/pipeline';
import type { Prompt } from '@galvani/study';
import { balancedOrder } from './stimulus-order.js';

/** Prompts of each task in the order in which they are dealt. */
export type TaskPools = ReadonlyMap<string, readonly Prompt[]>;

/** Prompts of a run. */
export interface DealtRun {
  run: Run;
  on: Prompt[];
  off: Prompt[];
}

/**
 * Deals prompts to runs whose off blocks hold prompts of the other tasks: equally many of each, or one more of some, which change from
 * session to session. Over the runs of a session each task has as many off as a run has off, so that all tasks are compared alike.
 * A session takes `onCount + offCount` prompts of each task, the next of their pool.
 *
 * @param runs session by session, in each a run for every task, in one order
 * @param strings of a task that has no pool: all of a session
 */
export function dealTasks(
  { seed, runs, onCount, offCount }: { seed: number; runs: readonly Run[]; onCount: number; offCount: number },
  pools: TaskPools,
  strings: (session: number) => Prompt[],
): DealtRun[] {
  const tasks = [...new Set(runs.map(({ task }) => task))];
  const others = tasks.length - 1;
  const each = onCount + offCount;
  const sessions = new Map<number, Map<string, Prompt[]>>();
  const ofSession = (session: number) => {
    const dealt =
      sessions.get(session) ??
      new Map(
        tasks.map((task) => [
          task,
          pools.get(task)?.slice((session - 1) * each, session * each) ?? strings(session).slice(0, each),
        ]),
      );
    sessions.set(session, dealt);
    return dealt;
  };
  /** Prompts of the task `step` places after a run's own that the run has off: a step's remainder falls to the same step of all runs. */
  const share = (session: number, step: number) =>
    Math.floor(offCount / others) + ((step - 1 + session - 1) % others < offCount % others ? 1 : 0);
  return runs.map((run) => {
    const dealt = ofSession(run.session);
    const own = tasks.indexOf(run.task);
    const off = Array.from({ length: others }, (_, k) => k + 1).flatMap((step) => {
      const other = tasks[(own + step) % tasks.length];
      // Shorter steps' runs come first.
      const before = Array.from({ length: step - 1 }, (_, k) => share(run.session, k + 1));
      const from = before.reduce((sum, count) => sum + count, onCount);
      return dealt.get(other)!.slice(from, from + share(run.session, step));
    });
    return {
      run,
      on: dealt.get(run.task)!.slice(0, onCount),
      off: balancedOrder(off, ({ topic }) => topic, seed, 'design', 'off', run.name),
    };
  });
}

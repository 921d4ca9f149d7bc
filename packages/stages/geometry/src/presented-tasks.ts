import type { Recording } from '@galvani/results';
import type { PatternCells } from '@galvani/statistics';

/** Every prompt of a study, run after run; arrays have an entry for each. */
export interface PresentedTasks extends PatternCells {
  /** In the order of study.yaml. As conditions they come before rest, which where there is any is the last. */
  tasks: readonly string[];
  /** Run of each prompt, from 0. */
  run: Int32Array;
  /** Task of each prompt's run. */
  task: Int32Array;
  isTask: Uint8Array;
}

/**
 * Conditions are the tasks and, last, the rest prompts of all runs of a session.
 *
 * @param topics of each run's prompts, where there is no rest: each prompt is of its own task, in whichever run it is
 */
export function presentedTasks(
  recordings: readonly Pick<Recording, 'run' | 'isTask'>[],
  topics?: readonly (readonly string[])[],
): PresentedTasks {
  const tasks = [...new Set(recordings.map(({ run }) => run.task))];
  const sessions = [...new Set(recordings.map(({ run }) => run.session))].sort((a, b) => a - b);
  const prompts = recordings.flatMap(({ run, isTask }, r) => {
    const [task, session] = [tasks.indexOf(run.task), sessions.indexOf(run.session)];
    return Array.from(isTask, (on, p) => {
      const off = topics ? tasks.indexOf(topics[r][p]) : tasks.length;
      return { run: r, task, session, on, condition: on ? task : off };
    });
  });
  return {
    tasks,
    run: Int32Array.from(prompts, ({ run }) => run),
    task: Int32Array.from(prompts, ({ task }) => task),
    isTask: Uint8Array.from(prompts, ({ on }) => on),
    session: Int32Array.from(prompts, ({ session }) => session),
    condition: Int32Array.from(prompts, ({ condition }) => condition),
    sessions: sessions.length,
    conditions: tasks.length + (topics ? 0 : 1),
  };
}

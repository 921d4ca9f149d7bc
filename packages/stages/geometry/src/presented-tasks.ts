import type { Recording } from '@galvani/results';
import type { PatternCells } from '@galvani/statistics';

/** Every prompt of a study, run after run; arrays have an entry for each. */
export interface PresentedTasks extends PatternCells {
  /** In the order of study.yaml. As conditions they come before rest, which is the last. */
  tasks: readonly string[];
  /** Run of each prompt, from 0. */
  run: Int32Array;
  /** Task of each prompt's run. */
  task: Int32Array;
  isTask: Uint8Array;
}

/** Conditions are the tasks and, last, the rest prompts of all runs of a session. */
export function presentedTasks(recordings: readonly Pick<Recording, 'run' | 'isTask'>[]): PresentedTasks {
  const tasks = [...new Set(recordings.map(({ run }) => run.task))];
  const sessions = [...new Set(recordings.map(({ run }) => run.session))].sort((a, b) => a - b);
  const prompts = recordings.flatMap(({ run, isTask }, r) => {
    const [task, session] = [tasks.indexOf(run.task), sessions.indexOf(run.session)];
    return Array.from(isTask, (on) => ({ run: r, task, session, on }));
  });
  return {
    tasks,
    run: Int32Array.from(prompts, ({ run }) => run),
    task: Int32Array.from(prompts, ({ task }) => task),
    isTask: Uint8Array.from(prompts, ({ on }) => on),
    session: Int32Array.from(prompts, ({ session }) => session),
    condition: Int32Array.from(prompts, ({ on, task }) => (on ? task : tasks.length)),
    sessions: sessions.length,
    conditions: tasks.length + 1,
  };
}

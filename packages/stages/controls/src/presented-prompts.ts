import type { Event } from '@galvani/artifact';
import type { RunActivity } from '@galvani/identification';

/** Every prompt of the study; arrays have an entry for each, run after run. */
export interface PresentedPrompts {
  /** Names of the tasks; `task` counts in them. */
  tasks: readonly string[];
  /** Place of the run among all, and among the sessions. */
  run: Int32Array;
  session: Int32Array;
  /** Task of the run. */
  task: Int32Array;
  isTask: Uint8Array;
  events: readonly Event[];
}

/** @param sessions for each session its runs, all in the same order of tasks */
export function presentedPrompts(
  sessions: readonly (readonly RunActivity[])[],
  events: (run: string) => readonly Event[],
): PresentedPrompts {
  const rows = sessions.flatMap((runs, session) =>
    runs.flatMap(({ run, isTask }, task) =>
      events(run.name).map((event, p) => ({
        event,
        session,
        task,
        isTask: isTask[p],
        run: session * runs.length + task,
      })),
    ),
  );
  const column = (of: (row: (typeof rows)[number]) => number) => Int32Array.from(rows, of);
  return {
    tasks: sessions[0].map(({ run }) => run.task),
    run: column(({ run }) => run),
    session: column(({ session }) => session),
    task: column(({ task }) => task),
    isTask: Uint8Array.from(rows, ({ isTask }) => isTask),
    events: rows.map(({ event }) => event),
  };
}

/** Rows that pass, in order. */
export const rowsWhere = ({ run }: Pick<PresentedPrompts, 'run'>, passes: (row: number) => boolean): Int32Array =>
  Int32Array.from(run.keys()).filter(passes);

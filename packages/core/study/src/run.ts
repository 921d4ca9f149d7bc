import type { Study } from './study-schema.js';

/** One run: a task presented once in a session. */
export interface Run {
  /** `ses-01_task-paleontology` */
  name: string;
  /** From 1. */
  session: number;
  task: string;
}

/** Name of a run, in the manner of BIDS. */
export function runName(session: number, task: string): string {
  return `ses-${String(session).padStart(2, '0')}_task-${task}`;
}

/** All runs of a study: session by session, in each the tasks as listed. */
export function runsOf(study: Pick<Study, 'tasks' | 'design'>): Run[] {
  return Array.from({ length: study.design.sessions }, (_, s) =>
    study.tasks.map((task) => ({ name: runName(s + 1, task), session: s + 1, task })),
  ).flat();
}

import type { Run } from '@galvani/pipeline';

/** The maps of single runs, one of each session and task. */
export interface SessionMaps {
  tasks: readonly string[];
  sessions: readonly number[];
  /** Normal deviates, NaN for units that do not count; run s T + t is that of session s and task t. [sessions x tasks] of [units] */
  z: readonly Float64Array[];
  /** Cohen's d, likewise. */
  d: readonly Float64Array[];
  /** Number of units that count. */
  counted: number;
}

/** Undefined where a session lacks a task, or there is one session alone. */
export function sessionMaps(
  runs: readonly Run[],
  maps: ReadonlyMap<string, { z: Float64Array; d: Float64Array }>,
  counted: number,
): SessionMaps | undefined {
  const tasks = [...new Set(runs.map(({ task }) => task))];
  const sessions = [...new Set(runs.map(({ session }) => session))].sort((a, b) => a - b);
  const ordered = sessions.flatMap((session) =>
    tasks.map((task) => maps.get(runs.find((run) => run.session === session && run.task === task)?.name ?? '')),
  );
  if (sessions.length < 2 || ordered.some((own) => own === undefined)) return undefined;
  return { tasks, sessions, z: ordered.map((own) => own!.z), d: ordered.map((own) => own!.d), counted };
}

/** For each of some sessions, by place, the runs of all tasks. */
export function bearersOf({ tasks }: Pick<SessionMaps, 'tasks'>, sessions: readonly number[]): number[][] {
  return sessions.map((s) => tasks.map((_, t) => s * tasks.length + t));
}

/** Places of sessions, and without each of them in turn. */
export function leftOut(sessions: number): { all: number[]; without: number[][] } {
  const all = Array.from({ length: sessions }, (_, s) => s);
  return { all, without: all.map((s) => all.filter((other) => other !== s)) };
}

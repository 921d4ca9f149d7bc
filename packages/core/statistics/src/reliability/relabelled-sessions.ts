import { randomStream } from '@galvani/numerics';

/** Ways in which the runs of each session might have borne each other's tasks. */
export interface SessionLabellings {
  /** For each labelling, session and task the place of the run that bears the task, [m x sessions x tasks]; where all are listed the true one is first. */
  runOf: Uint16Array;
  count: number;
  /** Whether they are all that there are. */
  exhaustive: boolean;
}

/**
 * Tasks exchanged among the runs of a session, in every session but the first: what compares runs of one task does not change where
 * all sessions' tasks change names together. All of them where there are at most `count`, else `count` drawn at random.
 *
 * @param tasks runs of a session, one a task
 */
export function relabelSessions(
  tasks: number,
  sessions: number,
  count: number,
  seed: number | string,
): SessionLabellings {
  const natural = Array.from({ length: tasks }, (_, t) => t);
  const orders = natural.reduce((product, t) => product * (t + 1), 1);
  const distinct = orders ** Math.max(0, sessions - 1);
  if (distinct <= count) {
    const all = permutations(natural);
    const runOf = Uint16Array.from({ length: distinct * sessions * tasks }, (_, at) => {
      const session = Math.floor(at / tasks) % sessions;
      const labelling = Math.floor(at / tasks / sessions);
      return session === 0 ? at % tasks : all[Math.floor(labelling / orders ** (session - 1)) % orders][at % tasks];
    });
    return { runOf, count: distinct, exhaustive: true };
  }
  const stream = randomStream(seed, 'sessions relabelled');
  const runOf = new Uint16Array(count * sessions * tasks);
  for (let at = 0; at < runOf.length; at += tasks)
    runOf.set(Math.floor(at / tasks) % sessions === 0 ? natural : stream.shuffled(natural), at);
  return { runOf, count, exhaustive: false };
}

/**
 * One run of each session, whatever its task: what might have been the runs of one task. All choices where there are at most `count`, else
 * `count` drawn at random.
 *
 * @returns places of runs, [m] of [sessions]
 */
export function chooseRuns(
  tasks: number,
  sessions: number,
  count: number,
  seed: number | string,
): { runs: number[][]; exhaustive: boolean } {
  const distinct = tasks ** sessions;
  if (distinct <= count) {
    const place = (i: number, s: number) => Math.floor(i / tasks ** s) % tasks;
    const runs = Array.from({ length: distinct }, (_, i) => Array.from({ length: sessions }, (_, s) => place(i, s)));
    return { runs, exhaustive: true };
  }
  const stream = randomStream(seed, 'runs chosen');
  const runs = Array.from({ length: count }, () => Array.from({ length: sessions }, () => stream.integer(tasks)));
  return { runs, exhaustive: false };
}

/**
 * Share of relabellings whose statistic is at least the true one's: b / m of all, (b + 1) / (m + 1) of drawn ones, so never 0. NaN where the
 * statistic is.
 */
export function relabelledP(own: number, relabelled: ArrayLike<number>, exhaustive: boolean): number {
  if (Number.isNaN(own)) return Number.NaN;
  // What is equal but for rounding counts as reached.
  const limit = own - 1e-9 * Math.max(1, Math.abs(own));
  let reached = 0;
  for (let i = 0; i < relabelled.length; i++) if (relabelled[i] >= limit) reached++;
  return exhaustive ? Math.max(1, reached) / relabelled.length : (reached + 1) / (relabelled.length + 1);
}

function permutations(items: readonly number[]): number[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, i) => permutations(items.filter((_, k) => k !== i)).map((others) => [item, ...others]));
}

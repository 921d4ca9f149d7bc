import type { RunActivity } from '@galvani/identification';
import { randomStream } from '@galvani/numerics';
import { runSums } from '@galvani/statistics';

export const prompts = 8;
export const taskPrompts = 3;

/** Sessions of runs of noise; with `effect` some units of each run respond, of runs of one task the same. */
export function recordedSessions(options: {
  sessions: number;
  tasks: number;
  units: number;
  seed: number;
  effect?: number;
}): RunActivity[][] {
  const { sessions, tasks, units, seed, effect = 0 } = options;
  const stream = randomStream(seed, 'recorded');
  const isTask = Uint8Array.from({ length: prompts }, (_, p) => (p < taskPrompts ? 1 : 0));
  return Array.from({ length: sessions }, (_, s) =>
    Array.from({ length: tasks }, (_, k) => {
      const means = Float32Array.from({ length: prompts * units }, (_, i) => {
        const response = isTask[Math.floor(i / units)] && (i % units) % tasks === k ? effect : 0;
        return stream.normal() + response;
      });
      const run = { name: `ses-0${s + 1}_task-${k}`, session: s + 1, task: `${k}` };
      return { run, isTask, promptIds: [...isTask.keys()].map(String), means, sums: runSums(means, units, isTask) };
    }),
  );
}

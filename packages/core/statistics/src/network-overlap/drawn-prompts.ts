import type { RandomStream } from '@galvani/numerics';
import type { TaskPatterns } from './task-patterns.js';

/** Draws of a task's prompts, each with replacement within its run and condition. */
export interface DrawnPrompts {
  draws: number;
  /** Of rest and of task: how often each prompt is drawn, as a share of all that are drawn there, [runs x draws x prompts]. */
  shares: readonly [rest: Float32Array, task: Float32Array];
}

export function drawPrompts(
  { prompts, task, isTask }: Pick<TaskPatterns, 'prompts' | 'task' | 'isTask'>,
  draws: number,
  stream: RandomStream,
): DrawnPrompts {
  const runs = isTask.length / prompts;
  const sizes = [prompts - task, task];
  const [rest, own] = sizes.map((n) => new Float32Array(runs * draws * n));
  const shares = [rest, own] as const;
  for (let run = 0; run < runs; run++)
    for (const [condition, n] of sizes.entries())
      for (let i = run * draws; i < (run + 1) * draws; i++)
        for (let k = 0; k < n; k++) shares[condition][i * n + stream.integer(n)] += 1 / n;
  return { draws, shares };
}

/** What deviations from the mean of n prompts are multiplied by, so that those of drawn ones vary as they should. */
export const spreadFactor = (n: number) => (n > 1 ? Math.sqrt(n / (n - 1)) : 1);

import { type DesignMatrix, designOf } from '../design-matrix.js';
import { type PromptLayout, uniformLayout } from '../layout.js';

/** A study as the simulations have it: runs of rest, task, rest. */
export interface SimulatedStudy {
  readonly prompts: number;
  readonly tokens: number;
  readonly layout: PromptLayout;
  /** 1 for a task prompt, 0 for rest, [prompts]. */
  readonly task: Int8Array;
  /** Run of each prompt, [prompts]. */
  readonly runs: Int32Array;
  /** One task over all runs, and run intercepts: a row a token. For t. */
  readonly oneTask: DesignMatrix;
  /** A task of its own in each run, and run intercepts: a row a token. For F over all tasks. */
  readonly taskPerRun: DesignMatrix;
}

/** @param shape default: 6 runs of 10 prompts (3 rest, 4 task, 3 rest) of 10 tokens */
export function simulatedStudy(shape: { runs?: number; promptsPerRun?: number; tokens?: number } = {}): SimulatedStudy {
  const { runs = 6, promptsPerRun = 10, tokens = 10 } = shape;
  const layout = uniformLayout(runs, promptsPerRun, tokens);
  const rest = Math.floor((promptsPerRun * 3) / 10);
  const task = Int8Array.from({ length: runs * promptsPerRun }, (_, b) => {
    const within = b % promptsPerRun;
    return within >= rest && within < promptsPerRun - rest ? 1 : 0;
  });
  const runOf = Int32Array.from(task, (_, b) => Math.floor(b / promptsPerRun));
  const column = (valueAt: (prompt: number) => number) =>
    Array.from({ length: task.length * tokens }, (_, row) => valueAt(Math.floor(row / tokens)));
  const each = (name: string, valueAt: (prompt: number, run: number) => number) =>
    Object.fromEntries(
      Array.from({ length: runs }, (_, run) => [`${name} ${run}`, column((prompt) => valueAt(prompt, run))]),
    );
  const intercepts = each('run', (prompt, run) => (runOf[prompt] === run ? 1 : 0));
  return {
    prompts: task.length,
    tokens,
    layout,
    task,
    runs: runOf,
    oneTask: designOf({ task: column((prompt) => task[prompt]), ...intercepts }),
    taskPerRun: designOf({
      ...each('task', (prompt, run) => (runOf[prompt] === run ? task[prompt] : 0)),
      ...intercepts,
    }),
  };
}

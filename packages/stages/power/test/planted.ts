import { randomStream } from '@galvani/numerics';
import { type RecordedDesign, recordedDesign } from '../src/choices.js';

/** Runs of off, on, off with prompts of each block, session after session and task after task. */
export function plantedDesign(tasks: number, sessions: number, promptsPerBlock: number): RecordedDesign {
  const runs = Array.from({ length: tasks * sessions }, (_, r) => ({
    session: Math.floor(r / tasks) + 1,
    task: `task${r % tasks}`,
    blocks: [false, true, false].map((isTask, block) => ({
      isTask,
      rows: Array.from({ length: promptsPerBlock }, (_, i) => (r * 3 + block) * promptsPerBlock + i),
    })),
  }));
  return recordedDesign(runs);
}

/** Means over prompts of units with noise of variance 1, of which the first `planted` respond to every task; [prompts x units]. */
export function plantedMeans(
  design: RecordedDesign,
  { units, planted, effect, seed = 1 }: { units: number; planted: number; effect: number; seed?: number },
): Float32Array {
  const random = randomStream(seed, 'planted power');
  const on = new Set(design.runs.flatMap(({ blocks }) => blocks.flatMap(({ isTask, rows }) => (isTask ? rows : []))));
  const prompts = design.runs.length * 3 * design.promptsPerBlock;
  return Float32Array.from({ length: prompts * units }, (_, at) => {
    const responds = at % units < planted && on.has(Math.floor(at / units));
    return random.normal() + (responds ? effect : 0);
  });
}

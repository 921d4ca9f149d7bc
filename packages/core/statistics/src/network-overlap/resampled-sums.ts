import { type DrawnPrompts, spreadFactor } from './drawn-prompts.js';
import type { ResampleScreen } from './resample-screen.js';
import { multiplyDraws, type ResampledProducts, type ResampleMemory } from './resampled-products.js';
import type { TaskPatterns } from './task-patterns.js';
import { groupSize } from './unit-groups.js';

/** Sums as in RunSums over all runs of one draw, of some units. */
export interface ResampledSums {
  /** The first of these units, and how many they are. */
  first: number;
  count: number;
  sum: Float64Array;
  onTask: Float64Array;
  onRest: Float64Array;
}

/**
 * Visits each draw with its sums for units `from` to before `until`, which the next visit overwrites: all of them at once, or groups with a unit that the
 * screen lets by.
 */
export async function eachResample(
  patterns: Pick<TaskPatterns, 'units' | 'prompts' | 'task' | 'isTask' | 'values'>,
  drawn: DrawnPrompts,
  [from, until]: readonly [number, number],
  memory: ResampleMemory,
  visit: (sums: ResampledSums, draw: number) => void,
  screen?: ResampleScreen,
): Promise<void> {
  const { prompts, task, isTask } = patterns;
  const { width, products } = memory;
  const runs = isTask.length / prompts;
  const sizes = [prompts - task, task] as const;
  await multiplyDraws(patterns, drawn, [from, until], memory, screen);
  const size = screen ? groupSize : width;
  const [sum, onTask, onRest] = [0, 1, 2].map(() => new Float64Array(size));
  const sums = { first: 0, count: 0, sum, onTask, onRest };
  for (let draw = 0; draw < drawn.draws; draw++)
    for (let part = 0; part < until - from; part += size) {
      if (screen && !(products.beyond[(draw * width + part) / groupSize] > 0)) continue;
      sums.first = from + part;
      sums.count = Math.min(size, until - from - part);
      for (const own of [sum, onTask, onRest]) own.fill(0);
      for (let run = 0; run < runs; run++)
        addRun(sums, products, sizes, run * width + part, (run * drawn.draws + draw) * width + part);
      visit(sums, draw);
    }
}

/** @param mean place of the first unit among the effects @param first the same among the products */
function addRun(
  { count, sum, onTask, onRest }: ResampledSums,
  { effects, deviations, squares }: ResampledProducts,
  [ofRest, ofTask]: readonly [number, number],
  mean: number,
  first: number,
): void {
  const [ofRests, ofTasks] = deviations;
  const [restSquares, taskSquares] = squares;
  const restShare = ofRest / (ofRest + ofTask);
  const taskShare = ofTask / (ofRest + ofTask);
  const [restFactor, taskFactor] = [spreadFactor(ofRest), spreadFactor(ofTask)];
  const [restSquare, taskSquare] = [ofRest * restFactor ** 2, ofTask * taskFactor ** 2];
  const weight = ofTask * restShare;
  for (let u = 0, at = first, of = mean; u < count; u++, at++, of++) {
    const onTasks = ofTasks[at];
    const onRests = ofRests[at];
    const effect = effects[of] + taskFactor * onTasks - restFactor * onRests;
    const spread = weight * effect * effect;
    sum[u] += weight * effect;
    onTask[u] += taskSquare * (taskSquares[at] - onTasks * onTasks) + restShare * spread;
    onRest[u] += restSquare * (restSquares[at] - onRests * onRests) + taskShare * spread;
  }
}

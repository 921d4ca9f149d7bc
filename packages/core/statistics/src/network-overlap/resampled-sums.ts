import type { RandomStream } from '@galvani/numerics';
import { multiplyRows, tensorOf } from '../inference/row-products.js';
import type { TaskPatterns } from './task-patterns.js';

/** How often each prompt of a run and condition is drawn, as a share of all that are drawn there: [draws x prompts]. */
export type DrawnShares = Float32Array;

/** Draws of a task's prompts, each with replacement within its run and condition: of each run those of rest and those of task. */
export function drawPrompts(
  { prompts, isTask }: Pick<TaskPatterns, 'prompts' | 'isTask'>,
  draws: number,
  stream: RandomStream,
): [rest: DrawnShares, task: DrawnShares][] {
  return Array.from({ length: isTask.length / prompts }, (_, run) => {
    const ofCondition = (condition: number): DrawnShares => {
      const n = promptsOf(isTask, prompts, run, condition).length;
      const drawn = new Float32Array(draws * n);
      for (let i = 0; i < draws; i++) for (let k = 0; k < n; k++) drawn[i * n + stream.integer(n)] += 1 / n;
      return drawn;
    };
    return [ofCondition(0), ofCondition(1)];
  });
}

/** What resampling writes to, made once: sums as in RunSums over all runs, [draws x units] each, and products of one run. */
export interface ResampleMemory {
  sum: Float64Array;
  onTask: Float64Array;
  onRest: Float64Array;
  /** Of rest and of task prompts that were drawn, [draws x 2 units]: means of deviations, and beside them of their squares. */
  products: readonly [Float32Array, Float32Array];
}

/** @param size draws times units */
export function resampleMemory(size: number): ResampleMemory {
  const sums = () => new Float64Array(size);
  const products = () => new Float32Array(2 * size);
  return { sum: sums(), onTask: sums(), onRest: sums(), products: [products(), products()] };
}

/** One condition of one run. */
interface Condition {
  prompts: number;
  /** Mean of its prompts, [units]. */
  mean: Float64Array;
  /** What a deviation from it is multiplied by. */
  factor: number;
}

/** Sums of draws for units `from` to before `until`, written to memory. */
export async function resampleSums(
  patterns: Pick<TaskPatterns, 'units' | 'prompts' | 'isTask' | 'values'>,
  drawn: readonly (readonly [DrawnShares, DrawnShares])[],
  [from, until]: readonly [number, number],
  memory: ResampleMemory,
): Promise<void> {
  const { units, prompts, isTask, values } = patterns;
  const width = until - from;
  for (const [run, shares] of drawn.entries()) {
    const conditions: Condition[] = [];
    let draws = 0;
    for (const condition of [0, 1]) {
      const own = promptsOf(isTask, prompts, run, condition);
      const n = own.length;
      draws = shares[condition].length / n;
      const mean = new Float64Array(width);
      for (const p of own) for (let u = 0, at = p * units + from; u < width; u++, at++) mean[u] += values[at] / n;
      const right = new Float32Array(n * 2 * width);
      for (const [i, p] of own.entries())
        for (let u = 0, at = p * units + from, to = 2 * i * width; u < width; u++, at++, to++) {
          const deviation = values[at] - mean[u];
          right[to] = deviation;
          right[to + width] = right[to] * right[to];
        }
      const left = tensorOf(shares[condition], [draws, n]);
      const products = memory.products[condition].subarray(0, draws * 2 * width);
      await multiplyRows(left, tensorOf(right, [n, 2 * width]), products);
      conditions.push({ prompts: n, mean, factor: n > 1 ? Math.sqrt(n / (n - 1)) : 1 });
    }
    if (run === 0) for (const sums of [memory.sum, memory.onTask, memory.onRest]) sums.fill(0, 0, draws * width);
    addRun(conditions, draws, memory);
  }
}

function promptsOf(isTask: Uint8Array, prompts: number, run: number, condition: number): number[] {
  return Array.from({ length: prompts }, (_, p) => run * prompts + p).filter((p) => isTask[p] === condition);
}

function addRun([rest, task]: readonly Condition[], draws: number, memory: ResampleMemory): void {
  const { sum, onTask, onRest } = memory;
  const [ofRests, ofTasks] = memory.products;
  const units = rest.mean.length;
  const effects = task.mean.map((mean, u) => mean - rest.mean[u]);
  const [ofRest, ofTask] = [rest.prompts, task.prompts];
  const restShare = ofRest / (ofRest + ofTask);
  const taskShare = ofTask / (ofRest + ofTask);
  const [restFactor, taskFactor] = [rest.factor, task.factor];
  const [restSquare, taskSquare] = [ofRest * restFactor ** 2, ofTask * taskFactor ** 2];
  const weight = ofTask * restShare;
  for (let i = 0, at = 0, from = 0; i < draws; i++, from += units)
    for (let u = 0; u < units; u++, at++, from++) {
      const [onTasks, onRests] = [ofTasks[from], ofRests[from]];
      const effect = effects[u] + taskFactor * onTasks - restFactor * onRests;
      const spread = weight * effect * effect;
      sum[at] += weight * effect;
      onTask[at] += taskSquare * (ofTasks[from + units] - onTasks * onTasks) + restShare * spread;
      onRest[at] += restSquare * (ofRests[from + units] - onRests * onRests) + taskShare * spread;
    }
}

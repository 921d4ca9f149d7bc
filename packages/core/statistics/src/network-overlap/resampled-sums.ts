import type { RandomStream } from '@galvani/numerics';
import { multiplyRows, tensorOf } from '../inference/row-products.js';
import type { TaskPatterns } from './task-patterns.js';

/** What resampling writes to, made once: sums as in RunSums over all runs, and products of one run, [block x units] each. */
export interface ResampleMemory {
  sum: Float64Array;
  onTask: Float64Array;
  onRest: Float64Array;
  /** Of rest and of task prompts that were drawn. */
  means: readonly [Float32Array, Float32Array];
  squares: readonly [Float32Array, Float32Array];
}

export function resampleMemory(size: number): ResampleMemory {
  const sums = () => new Float64Array(size);
  const products = () => new Float32Array(size);
  return {
    ...{ sum: sums(), onTask: sums(), onRest: sums() },
    ...{ means: [products(), products()] as const, squares: [products(), products()] as const },
  };
}

/** One condition of one run. */
interface Condition {
  prompts: number;
  /** Mean of its prompts, [units]. */
  mean: Float64Array;
  /** What a deviation from it is multiplied by. */
  factor: number;
}

/** Sums of `block` draws of a task's prompts, each with replacement within its run and condition; memory is overwritten. */
export async function resampleSums(
  patterns: TaskPatterns,
  block: number,
  stream: RandomStream,
  memory: ResampleMemory,
): Promise<void> {
  const { units, prompts, isTask, values } = patterns;
  const used = block * units;
  for (const sums of [memory.sum, memory.onTask, memory.onRest]) sums.fill(0, 0, used);
  for (let row = 0; row < isTask.length; row += prompts) {
    const conditions: Condition[] = [];
    for (const condition of [0, 1]) {
      const own = Array.from({ length: prompts }, (_, p) => row + p).filter((p) => isTask[p] === condition);
      const n = own.length;
      const mean = new Float64Array(units);
      for (const p of own) for (let u = 0, at = p * units; u < units; u++, at++) mean[u] += values[at] / n;
      const deviations = new Float32Array(n * units);
      const squares = new Float32Array(n * units);
      for (const [i, p] of own.entries())
        for (let u = 0, at = p * units, to = i * units; u < units; u++, at++, to++) {
          const deviation = values[at] - mean[u];
          deviations[to] = deviation;
          squares[to] = deviation * deviation;
        }
      const drawn = new Float32Array(block * n);
      for (let i = 0; i < block; i++) for (let k = 0; k < n; k++) drawn[i * n + stream.integer(n)] += 1 / n;
      const left = tensorOf(drawn, [block, n]);
      await multiplyRows(left, tensorOf(deviations, [n, units]), memory.means[condition].subarray(0, used));
      await multiplyRows(left, tensorOf(squares, [n, units]), memory.squares[condition].subarray(0, used));
      conditions.push({ prompts: n, mean, factor: n > 1 ? Math.sqrt(n / (n - 1)) : 1 });
    }
    addRun(conditions, block, memory);
  }
}

function addRun([rest, task]: readonly Condition[], block: number, memory: ResampleMemory): void {
  const { sum, onTask, onRest } = memory;
  const [restMeans, taskMeans] = memory.means;
  const [restSquares, taskSquares] = memory.squares;
  const units = rest.mean.length;
  const effects = task.mean.map((mean, u) => mean - rest.mean[u]);
  const [ofRest, ofTask] = [rest.prompts, task.prompts];
  const restShare = ofRest / (ofRest + ofTask);
  const taskShare = ofTask / (ofRest + ofTask);
  const [restFactor, taskFactor] = [rest.factor, task.factor];
  const [restSquare, taskSquare] = [ofRest * restFactor ** 2, ofTask * taskFactor ** 2];
  const weight = ofTask * restShare;
  for (let i = 0, at = 0; i < block; i++)
    for (let u = 0; u < units; u++, at++) {
      const [onTasks, onRests] = [taskMeans[at], restMeans[at]];
      const effect = effects[u] + taskFactor * onTasks - restFactor * onRests;
      sum[at] += weight * effect;
      onTask[at] += taskSquare * (taskSquares[at] - onTasks * onTasks) + weight * restShare * effect * effect;
      onRest[at] += restSquare * (restSquares[at] - onRests * onRests) + weight * taskShare * effect * effect;
    }
}

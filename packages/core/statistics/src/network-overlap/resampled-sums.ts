import type { RandomStream } from '@galvani/numerics';
import { graphNode, valueInfo } from '@galvani/onnx';
import { inPlaceSession } from '../in-place-session.js';
import { tensorOf } from '../inference/row-products.js';
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

/** Sums as in RunSums over all runs of one draw, [units]. */
export interface ResampledSums {
  sum: Float64Array;
  onTask: Float64Array;
  onRest: Float64Array;
}

/** What resampling writes to, made once. */
export interface ResampleMemory {
  sums: ResampledSums;
  /** Of rest and of task prompts that were drawn, [runs x draws x 2 units]: means of deviations, and beside them of their squares. */
  products: readonly [Float32Array, Float32Array];
}

export function resampleMemory({ runs, draws, units }: { runs: number; draws: number; units: number }): ResampleMemory {
  const [sum, onTask, onRest] = [0, 1, 2].map(() => new Float64Array(units));
  const products = () => new Float32Array(2 * runs * draws * units);
  return { sums: { sum, onTask, onRest }, products: [products(), products()] };
}

/** One condition. */
interface Condition {
  /** Prompts of a run. */
  prompts: number;
  /** Mean of its prompts, [runs x units]. */
  means: Float64Array;
  /** What a deviation from it is multiplied by. */
  factor: number;
}

/** Visits each draw with its sums for units `from` to before `until`, which the next draw overwrites. */
export async function eachResample(
  patterns: Pick<TaskPatterns, 'units' | 'prompts' | 'task' | 'isTask' | 'values'>,
  { draws, shares }: DrawnPrompts,
  [from, until]: readonly [number, number],
  memory: ResampleMemory,
  visit: (sums: ResampledSums, draw: number) => void,
): Promise<void> {
  const { units, prompts, isTask, values } = patterns;
  const width = until - from;
  const runs = isTask.length / prompts;
  const conditions: Condition[] = [];
  for (const condition of [0, 1]) {
    const own = [...isTask.keys()].filter((row) => isTask[row] === condition);
    const n = own.length / runs;
    const means = new Float64Array(runs * width);
    const right = new Float32Array(own.length * 2 * width);
    for (const [i, row] of own.entries())
      for (let u = 0, at = row * units + from, to = Math.floor(i / n) * width; u < width; u++, at++, to++)
        means[to] += values[at] / n;
    for (const [i, row] of own.entries()) {
      const mean = Math.floor(i / n) * width;
      for (let u = 0, at = row * units + from, to = 2 * i * width; u < width; u++, at++, to++) {
        const deviation = values[at] - means[mean + u];
        right[to] = deviation;
        right[to + width] = right[to] * right[to];
      }
    }
    const products = memory.products[condition].subarray(0, 2 * runs * draws * width);
    await multiplyRuns(
      { shares: tensorOf(shares[condition], [runs, draws, n]), right: tensorOf(right, [runs, n, 2 * width]) },
      { products: tensorOf(products, [runs, draws, 2 * width]) },
    );
    conditions.push({ prompts: n, means, factor: n > 1 ? Math.sqrt(n / (n - 1)) : 1 });
  }
  const [rest, task] = conditions;
  const effects = task.means.map((mean, at) => mean - rest.means[at]);
  const { sum, onTask, onRest } = memory.sums;
  const sums = { sum: sum.subarray(0, width), onTask: onTask.subarray(0, width), onRest: onRest.subarray(0, width) };
  for (let draw = 0; draw < draws; draw++) {
    for (const own of [sums.sum, sums.onTask, sums.onRest]) own.fill(0);
    for (let run = 0; run < runs; run++)
      addRun(sums, [rest, task], memory.products, effects.subarray(run * width, (run + 1) * width), run * draws + draw);
    visit(sums, draw);
  }
}

const multiplyRuns = inPlaceSession({
  nodes: [graphNode('MatMul', ['shares', 'right'], ['products'])],
  inputs: [
    valueInfo('shares', 'float32', ['runs', 'draws', 'prompts']),
    valueInfo('right', 'float32', ['runs', 'prompts', 'width']),
  ],
  outputs: [valueInfo('products', 'float32', ['runs', 'draws', 'width'])],
});

/** @param effects of the run, [units] @param row of the products */
function addRun(
  { sum, onTask, onRest }: ResampledSums,
  [rest, task]: readonly [Condition, Condition],
  [ofRests, ofTasks]: readonly [Float32Array, Float32Array],
  effects: Float64Array,
  row: number,
): void {
  const units = effects.length;
  const [ofRest, ofTask] = [rest.prompts, task.prompts];
  const restShare = ofRest / (ofRest + ofTask);
  const taskShare = ofTask / (ofRest + ofTask);
  const [restFactor, taskFactor] = [rest.factor, task.factor];
  const [restSquare, taskSquare] = [ofRest * restFactor ** 2, ofTask * taskFactor ** 2];
  const weight = ofTask * restShare;
  for (let u = 0, from = 2 * row * units; u < units; u++, from++) {
    const onTasks = ofTasks[from];
    const onRests = ofRests[from];
    const effect = effects[u] + taskFactor * onTasks - restFactor * onRests;
    const spread = weight * effect * effect;
    sum[u] += weight * effect;
    onTask[u] += taskSquare * (ofTasks[from + units] - onTasks * onTasks) + restShare * spread;
    onRest[u] += restSquare * (ofRests[from + units] - onRests * onRests) + taskShare * spread;
  }
}

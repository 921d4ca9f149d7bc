import { graphNode, type Tensor, valueInfo } from '@galvani/onnx';
import { inPlaceSession } from '../in-place-session.js';
import { tensorOf } from '../inference/row-products.js';
import type { DrawnPrompts } from './drawn-prompts.js';
import type { ResampleScreen } from './resample-screen.js';
import type { TaskPatterns } from './task-patterns.js';
import { groupSize, largestOfGroups } from './unit-groups.js';

/** Of a tile of units; where there are two, of rest and of task. */
export interface ResampledProducts {
  /** Task minus rest, of all prompts of a run, [runs x width]. */
  effects: Float64Array;
  /** Means of deviations from these of the drawn prompts, [runs x draws x width]. */
  deviations: readonly [Float32Array, Float32Array];
  /** Of their squares. */
  squares: readonly [Float32Array, Float32Array];
  /** Above 0 for a group with a unit that the screen lets by, [draws x groups of the tile]. */
  beyond: Float32Array;
}

/** What resampling writes to, made once. */
export interface ResampleMemory {
  /** Units of a tile, of which some may be beyond those wanted and hold 0. */
  width: number;
  products: ResampledProducts;
  /** Deviations of prompts, rest's before task's, each run after run, and a row for the screen, [(prompts + 1) x width]. */
  deviations: Float32Array;
  squares: Float32Array;
}

export interface ResampleSizes {
  runs: number;
  /** Prompts of a run. */
  prompts: number;
  draws: number;
  units: number;
}

export function resampleMemory({ runs, prompts, draws, units }: ResampleSizes): ResampleMemory {
  const width = groupSize * Math.ceil(units / groupSize);
  const drawn = () => new Float32Array(runs * draws * width);
  const rows = () => new Float32Array((runs * prompts + 1) * width);
  return {
    width,
    products: {
      effects: new Float64Array(runs * width),
      deviations: [drawn(), drawn()],
      squares: [drawn(), drawn()],
      beyond: new Float32Array((draws * width) / groupSize),
    },
    deviations: rows(),
    squares: rows(),
  };
}

const conditions = [0, 1];

/** Works out `memory.products` for units `from` to before `until`, `beyond` where there is a screen. */
export async function multiplyDraws(
  patterns: Pick<TaskPatterns, 'units' | 'prompts' | 'task' | 'isTask' | 'values'>,
  { draws, shares }: DrawnPrompts,
  [from, until]: readonly [number, number],
  memory: ResampleMemory,
  screen?: ResampleScreen,
): Promise<void> {
  const { width, products } = memory;
  const { prompts, task, isTask } = patterns;
  const rows = isTask.length;
  const runs = rows / prompts;
  takeDeviations(patterns, [from, until], memory);
  const [feeds, fetches]: Record<string, Tensor>[] = [{}, {}];
  for (const [c, n] of [prompts - task, task].entries()) {
    const part = (of: Float32Array) => {
      const first = c * runs * (prompts - task) * width;
      return tensorOf(of.subarray(first, first + runs * n * width), [runs, n, width]);
    };
    feeds[`shares${c}`] = tensorOf(shares[c], [runs, draws, n]);
    feeds[`deviations${c}`] = part(memory.deviations);
    feeds[`squares${c}`] = part(memory.squares);
    fetches[`means${c}`] = tensorOf(products.deviations[c], [runs, draws, width]);
    fetches[`meanSquares${c}`] = tensorOf(products.squares[c], [runs, draws, width]);
  }
  if (!screen) return multiply(feeds, fetches);
  addScreened(memory, screen, runs, rows);
  const ofMeans = screen.ofMeans.map((own) => tensorOf(new Float32Array(runs).fill(own), [1, runs]));
  await screened(
    {
      ...feeds,
      ...{ ofSum: tensorOf(screen.ofSum, [draws, rows + 1]), ofSquares: tensorOf(screen.ofSquares, [draws, rows + 1]) },
      ...{ ofMeans0: ofMeans[0], ofMeans1: ofMeans[1] },
      deviations: tensorOf(memory.deviations, [rows + 1, width]),
      squares: tensorOf(memory.squares, [rows + 1, width]),
    },
    { ...fetches, beyond: tensorOf(products.beyond, [draws, width / groupSize]) },
  );
}

function takeDeviations(
  { units, prompts, isTask, values }: Pick<TaskPatterns, 'units' | 'prompts' | 'isTask' | 'values'>,
  [from, until]: readonly [number, number],
  { width, products, deviations, squares }: ResampleMemory,
): void {
  const own = until - from;
  for (const of of [deviations, squares]) if (own < width) of.fill(0);
  let to = 0;
  products.effects.fill(0);
  for (const condition of conditions) {
    const rows = [...isTask.keys()].filter((row) => isTask[row] === condition);
    const n = (rows.length / isTask.length) * prompts;
    const means = new Float64Array((isTask.length / prompts) * width);
    for (const [i, row] of rows.entries())
      for (let u = 0, at = row * units + from, mean = Math.floor(i / n) * width; u < own; u++, at++, mean++)
        means[mean] += values[at] / n;
    for (const [i, row] of rows.entries()) {
      const mean = Math.floor(i / n) * width;
      for (let u = 0, at = row * units + from; u < own; u++, at++) {
        deviations[to + u] = values[at] - means[mean + u];
        squares[to + u] = deviations[to + u] * deviations[to + u];
      }
      to += width;
    }
    for (let at = 0; at < means.length; at++) products.effects[at] = means[at] - products.effects[at];
  }
}

/** The last rows. A unit that is not known is left out, since it would take its group with it. */
function addScreened(
  { width, products, deviations, squares }: ResampleMemory,
  { slack }: ResampleScreen,
  runs: number,
  rows: number,
): void {
  const last = rows * width;
  const total = new Float64Array(width);
  for (let row = 0, at = 0; row < rows; row++) for (let u = 0; u < width; u++, at++) total[u] += squares[at];
  for (let u = 0; u < width; u++) {
    let [sum, square] = [0, 0];
    for (let at = u; at < runs * width; at += width) {
      const effect = products.effects[at];
      sum += effect;
      square += effect * effect;
    }
    deviations[last + u] = sum;
    squares[last + u] = slack[0] * square + slack[1] * total[u];
    if (!Number.isFinite(squares[last + u]))
      for (let at = u; at <= last + u; at += width) deviations[at] = squares[at] = 0;
  }
}

const product = {
  nodes: conditions.flatMap((c) => [
    graphNode('MatMul', [`shares${c}`, `deviations${c}`], [`means${c}`]),
    graphNode('MatMul', [`shares${c}`, `squares${c}`], [`meanSquares${c}`]),
  ]),
  inputs: conditions.flatMap((c) => [
    valueInfo(`shares${c}`, 'float32', ['runs', 'draws', `prompts${c}`]),
    valueInfo(`deviations${c}`, 'float32', ['runs', `prompts${c}`, 'width']),
    valueInfo(`squares${c}`, 'float32', ['runs', `prompts${c}`, 'width']),
  ]),
  outputs: conditions.flatMap((c) => [
    valueInfo(`means${c}`, 'float32', ['runs', 'draws', 'width']),
    valueInfo(`meanSquares${c}`, 'float32', ['runs', 'draws', 'width']),
  ]),
};

const multiply = inPlaceSession(product);

const screened = inPlaceSession({
  nodes: [
    ...product.nodes,
    graphNode('MatMul', ['ofSum', 'deviations'], ['sum']),
    graphNode('Mul', ['sum', 'sum'], ['effect']),
    graphNode('MatMul', ['ofSquares', 'squares'], ['within']),
    graphNode('Sub', ['effect', 'within'], ['apart']),
    graphNode('Shape', ['within'], ['drawn']),
    graphNode('Constant', [], ['runs'], { value_ints: [0, -1] }),
    // A product adds up runs faster than ReduceSum does.
    ...conditions.flatMap((c) => [
      graphNode('Mul', [`means${c}`, `means${c}`], [`meansSquared${c}`]),
      graphNode('Reshape', [`meansSquared${c}`, 'runs'], [`byRun${c}`]),
      graphNode('MatMul', [`ofMeans${c}`, `byRun${c}`], [`added${c}`]),
      graphNode('Reshape', [`added${c}`, 'drawn'], [`back${c}`]),
    ]),
    graphNode('Add', ['apart', 'back0'], ['ofRest']),
    graphNode('Add', ['ofRest', 'back1'], ['excess']),
    ...largestOfGroups('excess', 'beyond'),
  ],
  inputs: [
    ...product.inputs,
    ...['ofSum', 'ofSquares'].map((name) => valueInfo(name, 'float32', ['draws', 'rows'])),
    ...['ofMeans0', 'ofMeans1'].map((name) => valueInfo(name, 'float32', [1, 'runs'])),
    ...['deviations', 'squares'].map((name) => valueInfo(name, 'float32', ['rows', 'width'])),
  ],
  outputs: [...product.outputs, valueInfo('beyond', 'float32', ['draws', 'groups'])],
});

import { elementType, graphNode, Tensor, valueInfo } from '@galvani/onnx';
import { inPlaceSession } from '../in-place-session.js';
import type { DrawnBlock } from './relabelled-runs.js';

/** Units that are worked on together, so that their products stay in the cache. */
export const tileWidth = 512;

/** Of each row of labels and each unit of a tile, [rows x tile]. */
export interface RelabelledProducts {
  /** Sums of values over the prompts that the labels call the task's. */
  sum: Float32Array;
  /** Sums of weighted squares over all prompts. */
  squares: Float32Array;
}

/** Sums by drawn labels, for a tile of units at a time. */
export interface RelabelledSums {
  /** @param values [runs x prompts x tile] */
  take(values: Float32Array): void;
  /** Overwritten by the next. */
  of(block: DrawnBlock): Promise<RelabelledProducts>;
}

/**
 * As matrix products, run by onnxruntime: of each run's labels with its values, and of weights by label with their squares.
 *
 * @param weights of a square on a task prompt and on a rest prompt
 */
export async function relabelledSums(
  blocks: readonly DrawnBlock[],
  runs: number,
  prompts: number,
  weights: { onTask: number; onRest: number },
): Promise<RelabelledSums> {
  const scalar = (value: number) => new Tensor('float32', Float32Array.of(value), []);
  const difference = scalar(weights.onTask - weights.onRest);
  const rest = scalar(weights.onRest);
  const memory = new Map<number, RelabelledProducts & { fetches: Record<string, Tensor> }>();
  for (const { perRun } of blocks) {
    if (memory.has(perRun)) continue;
    const [sum, squares] = [0, 1].map(() => new Float32Array(runs * perRun * tileWidth));
    const shape = [runs, perRun, tileWidth];
    const fetches = { sum: new Tensor('float32', sum, shape), squares: new Tensor('float32', squares, shape) };
    memory.set(perRun, { sum, squares, fetches });
  }
  const labelsOf = new Map(
    blocks.map((block) => [block, new Tensor('uint8', block.labels, [runs, block.perRun, prompts])]),
  );
  let values: Tensor;
  return {
    take(given) {
      values = new Tensor('float32', given, [runs, prompts, tileWidth]);
    },
    async of(block) {
      const { sum, squares, fetches } = memory.get(block.perRun)!;
      await runProducts({ values, labels: labelsOf.get(block)!, difference, rest }, fetches);
      return { sum, squares };
    },
  };
}

const runProducts = inPlaceSession({
  nodes: [
    graphNode('Cast', ['labels'], ['chosen'], { to: elementType.float32 }),
    graphNode('MatMul', ['chosen', 'values'], ['sum']),
    graphNode('Mul', ['chosen', 'difference'], ['more']),
    graphNode('Add', ['more', 'rest'], ['weights']),
    graphNode('Mul', ['values', 'values'], ['squared']),
    graphNode('MatMul', ['weights', 'squared'], ['squares']),
  ],
  inputs: [
    valueInfo('values', 'float32', ['runs', 'prompts', 'tile']),
    valueInfo('labels', 'uint8', ['runs', 'relabellings', 'prompts']),
    valueInfo('difference', 'float32', []),
    valueInfo('rest', 'float32', []),
  ],
  outputs: [
    valueInfo('sum', 'float32', ['runs', 'relabellings', 'tile']),
    valueInfo('squares', 'float32', ['runs', 'relabellings', 'tile']),
  ],
});

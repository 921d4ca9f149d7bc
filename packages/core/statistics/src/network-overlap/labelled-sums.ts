import { graphNode, Tensor, valueInfo } from '@galvani/onnx';
import { inPlaceSession } from '../in-place-session.js';
import { tensorOf } from '../inference/row-products.js';
import type { EffectModel } from '../task-effect/effect-model.js';
import type { TiledUnits } from './tiled-units.js';
import { groupSize, largestOfGroups } from './unit-groups.js';

/** Sums over relabelled prompts of a block of relabellings: see RunSums. A tile has one relabelling after another. */
export interface LabelledBlock {
  relabellings: number;
  /** Units of a tile. */
  width: number;
  /** Of values of prompts labelled as task, [tiles x relabellings x width]. */
  sum: Float32Array;
  /** Of their squares, likewise. */
  onTask: Float32Array;
  /** Above 0 for a group with a unit whose |t| may be the floor that was asked for or more, [tiles x relabellings x groups of a tile]; absent without a floor. */
  beyond?: Float32Array;
}

/**
 * As matrix products, run by onnxruntime. The floor is asked of sums of 24 bits, so it lets units by that are as far below it as rounding of
 * all prompts' sums may have taken them.
 *
 * @param most relabellings of a block
 * @returns a function of labels, 1 for prompts labelled as task and else 0, [relabellings x prompts]; the next block overwrites the last
 */
export function labelledSums({ units, rows, width, values, total }: TiledUnits, most: number, model: EffectModel) {
  const tiles = Math.ceil(units / width);
  const groups = width / groupSize;
  const [sum, onTask] = [0, 1].map(() => new Float32Array(tiles * most * width));
  const beyond = new Float32Array(tiles * most * groups);
  const least = new Float32Array(tiles * width);
  const [taskWeight, restWeight] = model.squareWeights;
  const slack = Math.max(taskWeight, restWeight) * (rows + 8) * 2 ** -23;
  return async (labels: Float32Array, floor: number): Promise<LabelledBlock> => {
    const relabellings = labels.length / rows;
    const left = tensorOf(labels, [relabellings, rows]);
    const gain = model.gainOfSquare(floor * floor);
    for (let u = 0; u < units; u++) least[u] = Number.isFinite(total[u]) ? ((restWeight - slack) / gain) * total[u] : 0;
    const more = new Tensor('float32', Float32Array.of((taskWeight - restWeight) / gain), []);
    for (let tile = 0; tile < tiles; tile++) {
      const part = (of: Float32Array, rows: number, width: number) =>
        tensorOf(of.subarray(tile * rows * width, (tile + 1) * rows * width), [rows, width]);
      const feeds = { left, right: part(values, rows, width) };
      const fetches = { sum: part(sum, relabellings, width), onTask: part(onTask, relabellings, width) };
      if (floor > 0)
        await runScreened(
          { ...feeds, more, least: part(least, 1, width) },
          { ...fetches, beyond: part(beyond, relabellings, groups) },
        );
      else await runProducts(feeds, fetches);
    }
    return { relabellings, width, sum, onTask, ...(floor > 0 && { beyond }) };
  };
}

const products = {
  nodes: [
    graphNode('MatMul', ['left', 'right'], ['sum']),
    graphNode('Mul', ['right', 'right'], ['rightSquares']),
    graphNode('MatMul', ['left', 'rightSquares'], ['onTask']),
  ],
  inputs: [valueInfo('left', 'float32', ['relabellings', 'rows']), valueInfo('right', 'float32', ['rows', 'width'])],
  outputs: [
    valueInfo('sum', 'float32', ['relabellings', 'width']),
    valueInfo('onTask', 'float32', ['relabellings', 'width']),
  ],
};

const runProducts = inPlaceSession(products);

const runScreened = inPlaceSession({
  nodes: [
    ...products.nodes,
    graphNode('Mul', ['sum', 'sum'], ['square']),
    graphNode('Mul', ['onTask', 'more'], ['ofTask']),
    graphNode('Sub', ['square', 'ofTask'], ['beside']),
    graphNode('Sub', ['beside', 'least'], ['excess']),
    ...largestOfGroups('excess', 'beyond'),
  ],
  inputs: [...products.inputs, valueInfo('more', 'float32', []), valueInfo('least', 'float32', [1, 'width'])],
  outputs: [...products.outputs, valueInfo('beyond', 'float32', ['relabellings', 'groups'])],
});

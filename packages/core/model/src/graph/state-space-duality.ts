import type { CachePart } from './block-cache.js';
import type { Value } from './graph-builder.js';
import { gatedProduct } from './inside-block.js';
import { type Building, linear } from './module.js';
import { norm } from './norm.js';
import { silu } from './precise-sigmoid.js';
import { carried, carriedRows, carry, convolution } from './recurrence.js';
import type { TokenInputs } from './token-inputs.js';

/** The shape of a state space whose heads decay as one. */
export interface DualityShape {
  /** Hidden size. */
  width: number;
  heads: number;
  headSize: number;
  /** Numbers of a state for each of a head's. */
  states: number;
  /** Heads of a group share what writes to states and what reads from them. */
  groups: number;
  kernel: number;
  bias: boolean;
  convolutionBias: boolean;
  epsilon: number;
}

/**
 * Mamba 2's state space (Dao and Gu 2024, arXiv 2405.21060): gated linear attention whose heads write and read by weights, and decay by a number, that each token
 * sets, behind a short convolution. Joins `caches` with the states and the convolution's last inputs.
 *
 * @param path of its module, `backbone.layers.0.mixer`
 * @param x [rows, width]; the result is as wide
 */
export function stateSpaceDuality(
  b: Building,
  index: number,
  inputs: TokenInputs,
  path: string,
  x: Value,
  shape: DualityShape,
  caches: CachePart[][],
): Value {
  const { graph } = b;
  const { width, heads, headSize, states, groups, kernel, bias } = shape;
  const [inner, shared] = [heads * headSize, groups * states];
  const channels = inner + 2 * shared;
  const grid = (y: Value, n: number) =>
    graph.node('Reshape', [y, graph.node('Concat', [inputs.grid, graph.shape([n])], { axis: 0 })]);
  const rows = carriedRows(b, inputs);
  const parts: CachePart[] = [
    { name: `${index}.convolved`, dims: [kernel - 1, channels] },
    { name: `${index}.state`, dims: [heads, states, headSize] },
  ];
  const [before, state] = carried(b, parts, rows);

  const all = linear(b, `${path}.in_proj`, x, { from: width, to: inner + channels + heads, bias });
  const [shut, mixing, step] = graph.nodes('Split', [all, graph.shape([inner, channels, heads])], 3, { axis: -1 });
  const convolved = convolution(b, `${path}.conv1d`, grid(mixing, channels), before, rows, {
    ...{ channels, kernel, bias: shape.convolutionBias },
  });
  const lengths = graph.shape([inner, shared, shared]);
  const [through, write, read] = graph.nodes('Split', [silu(b, convolved.mixed), lengths], 3, { axis: -1 });
  const stored = (name: string) => graph.weight(b.tensors.require(`${path}.${name}`, [heads]), [heads]);
  const steps = graph.node('Softplus', [graph.node('Add', [step, stored('dt_bias')])]);
  // Padding writes nothing, and forgets nothing.
  const counted = graph.node('Mul', [steps, rows.valid]);
  const forgetting = graph.node('Neg', [graph.node('Exp', [stored('A_log')])]);
  const byHead = graph.node('Reshape', [through, graph.shape([-1, heads, headSize])]);
  const ofHeads = (y: Value) =>
    graph.node('Reshape', [
      graph.node('Expand', [
        graph.node('Reshape', [y, graph.shape([-1, groups, 1, states])]),
        graph.shape([1, 1, heads / groups, 1]),
      ]),
      graph.shape([-1, heads, states]),
    ]);
  const written = graph.node('Mul', [ofHeads(write), graph.node('Reshape', [counted, graph.shape([-1, heads, 1])])]);
  const [seen, present] = graph.nodes(
    'LinearAttention',
    [
      ...[ofHeads(read), written].map((y) => grid(y, heads * states)),
      through,
      state,
      grid(graph.node('Mul', [counted, forgetting]), heads),
    ],
    2,
    { q_num_heads: heads, kv_num_heads: heads, update_rule: 'gated', scale: { float: 1 } },
  );
  carry(b, parts, [convolved.after, present]);
  caches[index] = parts;

  const passing = graph.node('Mul', [byHead, graph.node('Reshape', [stored('D'), graph.shape([heads, 1])])]);
  const flat = (y: Value) => graph.node('Reshape', [y, graph.shape([-1, inner])]);
  const whole = graph.node('Add', [flat(seen), flat(passing)]);
  const gated = gatedProduct(b, path, inner, silu(b, shut), whole);
  const normed = norm(b, `${path}.norm`, gated, inner, { by: 'root-mean-square', epsilon: shape.epsilon });
  return linear(b, `${path}.out_proj`, normed, { from: inner, to: width, bias });
}

import type { CachePart } from './block-cache.js';
import type { Value } from './graph-builder.js';
import { gatedProduct } from './inside-block.js';
import { type Building, linear } from './module.js';
import { norm } from './norm.js';
import { silu } from './precise-sigmoid.js';
import { carried, carriedRows, carry, convolution } from './recurrence.js';
import type { TokenInputs } from './token-inputs.js';

/** The shape of a selective state space. */
export interface SelectiveShape {
  /** Hidden size. */
  width: number;
  /** Channels, each with a state of its own. */
  inner: number;
  /** Numbers of a state. */
  states: number;
  /** Numbers from which the channels' time steps are made. */
  rank: number;
  kernel: number;
  bias: boolean;
  convolutionBias: boolean;
  /** Of norms without gains of what the token chooses: time steps, writing and reading (Falcon Mamba); absent: none. */
  chosenEpsilon?: number;
}

/**
 * A selective state space (Gu and Dao 2023, arXiv 2312.00752): channels behind a short convolution write to states and read from them, by weights and a decay that each
 * token sets. The recurrence is that of gated linear attention in which every channel is a head with one value. Joins `caches` with
 * the states and the convolution's last inputs.
 *
 * @param path of its module, `backbone.layers.0.mixer`
 * @param x [rows, width]; the result is as wide
 */
export function selectiveScan(
  b: Building,
  index: number,
  inputs: TokenInputs,
  path: string,
  x: Value,
  { width, inner, states, rank, kernel, bias, convolutionBias, chosenEpsilon }: SelectiveShape,
  caches: CachePart[][],
): Value {
  const { graph } = b;
  const grid = (y: Value, n: number) =>
    graph.node('Reshape', [y, graph.node('Concat', [inputs.grid, graph.shape([n])], { axis: 0 })]);
  const rows = carriedRows(b, inputs);
  const parts: CachePart[] = [
    { name: `${index}.convolved`, dims: [kernel - 1, inner] },
    { name: `${index}.state`, dims: [inner, states, 1] },
  ];
  const [before, state] = carried(b, parts, rows);

  const both = linear(b, `${path}.in_proj`, x, { from: width, to: 2 * inner, bias });
  const [through, shut] = graph.nodes('Split', [both, graph.shape([inner, inner])], 2, { axis: -1 });
  const convolved = convolution(b, `${path}.conv1d`, grid(through, inner), before, rows, {
    ...{ channels: inner, kernel, bias: convolutionBias },
  });
  const active = graph.node('Reshape', [silu(b, convolved.mixed), graph.shape([-1, inner])]);
  const chosen = linear(b, `${path}.x_proj`, active, { from: inner, to: rank + 2 * states, bias: false });
  const parted = graph.nodes('Split', [chosen, graph.shape([rank, states, states])], 3, { axis: -1 });
  const names = ['dt_layernorm', 'b_layernorm', 'c_layernorm'];
  const form = { by: 'root-mean-square', epsilon: chosenEpsilon ?? 0, gain: false } as const;
  const [low, write, read] =
    chosenEpsilon === undefined
      ? parted
      : parted.map((y, i) => norm(b, `${path}.${names[i]}`, y, i === 0 ? rank : states, form));
  const stored = (name: string, dims: number[]) => graph.weight(b.tensors.require(`${path}.${name}`, dims), dims);
  const steps = graph.node('Softplus', [
    graph.node('Gemm', [low, stored('dt_proj.weight', [inner, rank]), stored('dt_proj.bias', [inner])], { transB: 1 }),
  ]);
  const forgetting = graph.node('Neg', [graph.node('Exp', [stored('A_log', [inner, states])])]);
  const counted = graph.node('Reshape', [graph.node('Mul', [steps, rows.valid]), graph.shape([-1, inner, 1])]);
  const ofAll = (y: Value) =>
    grid(
      graph.node('Expand', [graph.node('Reshape', [y, graph.shape([-1, 1, states])]), graph.shape([1, inner, 1])]),
      inner * states,
    );
  const [seen, present] = graph.nodes(
    'LinearAttention',
    [
      ofAll(read),
      // Padding writes nothing, and forgets nothing.
      ofAll(graph.node('Mul', [write, rows.valid])),
      grid(graph.node('Mul', [steps, active]), inner),
      state,
      grid(graph.node('Mul', [counted, forgetting]), inner * states),
    ],
    2,
    { q_num_heads: inner, kv_num_heads: inner, update_rule: 'gated', scale: { float: 1 } },
  );
  carry(b, parts, [convolved.after, present]);
  caches[index] = parts;

  const passing = graph.node('Mul', [active, stored('D', [inner])]);
  const whole = graph.node('Add', [graph.node('Reshape', [seen, graph.shape([-1, inner])]), passing]);
  const gated = gatedProduct(b, path, inner, silu(b, shut), whole);
  return linear(b, `${path}.out_proj`, gated, { from: inner, to: width, bias });
}

import { headsOutput } from './attention-heads.js';
import type { MemoryPart } from './block-memory.js';
import type { Value } from './graph-builder.js';
import { type Building, linear } from './module.js';
import { unnamedNorm } from './norm.js';
import type { TokenInputs } from './token-inputs.js';

/** The shape of a block's linear attention by the gated delta rule. */
export interface GatedDeltaShape {
  /** Hidden size. */
  width: number;
  keyHeads: number;
  /** A multiple of `keyHeads`: neighbours share queries and keys. */
  valueHeads: number;
  keySize: number;
  valueSize: number;
  /** Tokens that the convolution before it sees, the last being the token's own. */
  kernel: number;
  epsilon: number;
}

/**
 * A gated delta network (Yang, Kautz, Hatamizadeh 2024, arXiv 2412.06464) as Qwen3.5 has it: queries, keys and values behind a short convolution write to and
 * read from a state [valueHeads, keySize, valueSize], which decays, in place of attention. Joins `memory` with that state and the convolution's last
 * inputs. Rows of a batch are padded on the right, and padding changes nothing in them; a text's first token finds them empty.
 *
 * @param path of its module, `model.layers.0.linear_attn`
 * @param x [rows, width]; the result is as wide
 */
export function gatedDelta(
  b: Building,
  index: number,
  inputs: TokenInputs,
  path: string,
  x: Value,
  shape: GatedDeltaShape,
  memory: MemoryPart[][],
): Value {
  const { graph } = b;
  const { width, keyHeads, valueHeads, keySize, valueSize, kernel } = shape;
  const [keys, values] = [keyHeads * keySize, valueHeads * valueSize];
  const product = (name: string, to: number) => linear(b, `${path}.${name}`, x, { from: width, to, bias: false });
  const grid = (y: Value, n: number) =>
    graph.node('Reshape', [y, graph.node('Concat', [inputs.grid, graph.shape([n])], { axis: 0 })]);
  const rows = rowsOf(b, inputs);
  const parts: MemoryPart[] = [
    { name: `${index}.convolved`, dims: [kernel - 1, 2 * keys + values] },
    { name: `${index}.state`, dims: [valueHeads, keySize, valueSize] },
  ];
  const [convolved, state] = parts.map(({ name, dims }) => {
    const past = graph.input(`past.${name}`, 'float32', ['batch', ...(dims as number[])]);
    const empty = graph.node('Reshape', [rows.begins, graph.shape([-1, ...dims.map(() => 1)])]);
    return graph.node('Where', [empty, graph.numbers('zero', Float32Array.of(0), []), past]);
  });

  const joined = grid(product('in_proj_qkv', 2 * keys + values), 2 * keys + values);
  const shut = product('in_proj_z', values);
  const [rate, decay] = ['in_proj_b', 'in_proj_a'].map((name) => product(name, valueHeads));
  const dims = [2 * keys + values, 1, kernel];
  const weight = graph.weight(b.tensors.require(`${path}.conv1d.weight`, dims), dims);
  // Its own last inputs would be padding's.
  const [mixed] = graph.nodes('CausalConvWithState', [joined, weight, '', convolved], 2, { ndim: 1, channels_last: 1 });
  const active = silu(b, mixed);
  const lengths = graph.shape([keys, keys, values]);
  const [query, key, value] = graph.nodes('Split', [active, lengths], 3, { axis: -1 });
  const [seen, present] = graph.nodes(
    'LinearAttention',
    [
      ...[query, key].map((y) => repeated(b, inputs, unitLengths(b, y, keySize), shape)),
      value,
      state,
      grid(graph.node('Mul', [decays(b, path, decay, valueHeads), rows.valid]), valueHeads),
      grid(graph.node('Mul', [sigmoid(b, rate), rows.valid]), valueHeads),
    ],
    2,
    {
      q_num_heads: valueHeads,
      kv_num_heads: valueHeads,
      update_rule: 'gated_delta',
      scale: { float: keySize ** -0.5 },
    },
  );
  const kept = [lastInputs(b, convolved, joined, rows.count, kernel), present];
  parts.forEach(({ name, dims }, i) => {
    graph.output(`present.${name}`, kept[i], 'float32', ['batch', ...(dims as number[])]);
  });
  memory[index] = parts;

  // One gain for all heads.
  const form = { by: 'root-mean-square', epsilon: shape.epsilon } as const;
  const split = graph.node('Reshape', [seen, graph.shape([-1, valueSize])]);
  const normed = graph.node('Reshape', [
    unnamedNorm(b, `${path}.norm`, split, valueSize, form),
    graph.shape([-1, values]),
  ]);
  const gated = graph.node('Mul', [normed, silu(b, shut)]);
  const z = graph.site(`${path}.norm`, 'z', values, gated);
  const output = { path: `${path}.out_proj`, width };
  headsOutput(b, { module: path, heads: valueHeads, headSize: valueSize, output }, z);
  return linear(b, `${path}.out_proj`, z, { from: values, to: width, bias: false });
}

/** What a run says of its rows: whether it begins a text [batch, 1], how many tokens each has in it [batch], and 1 for each token that is no padding [rows, 1]. */
function rowsOf(b: Building, inputs: TokenInputs): { begins: Value; count: Value; valid: Value } {
  const { graph } = b;
  const whole = (n: number) => graph.numbers(`scalar.${n}`, BigInt64Array.of(BigInt(n)), []);
  const positions = graph.node('Reshape', [inputs.positions, inputs.grid]);
  const first = graph.node('Gather', [positions, graph.shape([0])], { axis: 1 });
  const last = graph.node('Reshape', [graph.node('Cast', [inputs.lastKey], { to: 7 }), graph.shape([-1, 1])]);
  const count = graph.node('Add', [graph.node('Sub', [last, first]), whole(1)]);
  const columns = graph.node('Range', [whole(0), graph.node('Gather', [inputs.grid, whole(1)], { axis: 0 }), whole(1)]);
  const within = graph.node('Cast', [graph.node('Less', [columns, count])], { to: 1 });
  return {
    begins: graph.node('Equal', [first, whole(0)]),
    count: graph.node('Reshape', [count, graph.shape([-1])]),
    valid: graph.node('Reshape', [within, graph.shape([-1, 1])]),
  };
}

/** How a state decays, as logarithms [rows, heads]: -exp(A_log) x softplus(a + dt_bias). */
function decays(b: Building, path: string, a: Value, heads: number): Value {
  const { graph } = b;
  const stored = (name: string) => graph.weight(b.tensors.require(`${path}.${name}`, [heads]), [heads]);
  const steps = graph.node('Softplus', [graph.node('Add', [a, stored('dt_bias')])]);
  return graph.node('Mul', [steps, graph.node('Neg', [graph.node('Exp', [stored('A_log')])])]);
}

/** Each head's numbers divided by their length, x / sqrt(sum of squares + 1e-6): a root-mean-square norm, whose mean has 1 / size of the sum. */
function unitLengths(b: Building, x: Value, size: number): Value {
  const { graph } = b;
  const gains = graph.numbers(`unit.${size}`, new Float32Array(size).fill(size ** -0.5), [size]);
  const split = graph.node('Reshape', [x, graph.shape([-1, size])]);
  return graph.node('SimplifiedLayerNormalization', [split, gains], { axis: -1, epsilon: { float: 1e-6 / size } });
}

/** Queries or keys [rows x keyHeads, keySize] as [batch, sequence, valueHeads x keySize], each head as often as value heads share it. */
function repeated(
  b: Building,
  inputs: TokenInputs,
  x: Value,
  { keyHeads, valueHeads, keySize }: GatedDeltaShape,
): Value {
  const { graph } = b;
  const times = valueHeads / keyHeads;
  const each =
    times === 1
      ? x
      : graph.node('Expand', [graph.node('Reshape', [x, graph.shape([-1, 1, keySize])]), graph.shape([1, times, 1])]);
  const end = graph.shape([valueHeads * keySize]);
  return graph.node('Reshape', [each, graph.node('Concat', [inputs.grid, end], { axis: 0 })]);
}

/** What the convolution goes on from: each row's last inputs, padding left out, [batch, kernel - 1, channels]. */
function lastInputs(b: Building, before: Value, joined: Value, count: Value, kernel: number): Value {
  const { graph } = b;
  const all = graph.node('Concat', [before, joined], { axis: 1 });
  const steps = graph.numbers(
    `steps.${kernel - 1}`,
    BigInt64Array.from({ length: kernel - 1 }, (_, i) => BigInt(i)),
    [kernel - 1],
  );
  const places = graph.node('Add', [graph.node('Reshape', [count, graph.shape([-1, 1])]), steps]);
  return graph.node('GatherND', [all, graph.node('Unsqueeze', [places, graph.shape([2])])], { batch_dims: 1 });
}

/** onnxruntime's own is right to 1e-7 of 1, not of itself, and what is small here the norms of queries, keys and values make large. */
function sigmoid(b: Building, x: Value): Value {
  const one = b.graph.numbers('number.1', Float32Array.of(1), []);
  return b.graph.node('Div', [one, b.graph.node('Add', [b.graph.node('Exp', [b.graph.node('Neg', [x])]), one])]);
}

const silu = (b: Building, x: Value): Value => b.graph.node('Mul', [x, sigmoid(b, x)]);

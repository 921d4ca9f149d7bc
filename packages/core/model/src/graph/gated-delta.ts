import { headsOutput } from './attention-heads.js';
import type { CachePart } from './block-cache.js';
import type { Value } from './graph-builder.js';
import { splitSites } from './inside-block.js';
import { type Building, linear } from './module.js';
import { unnamedNorm } from './norm.js';
import { sigmoid, silu } from './precise-sigmoid.js';
import { carried, carriedRows, carry, convolution } from './recurrence.js';
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
  /** Two products in place of four, each with what belongs to a key head side by side (Qwen3-Next). */
  joined?: boolean;
}

/**
 * A gated delta network (Yang, Kautz, Hatamizadeh 2024, arXiv 2412.06464) as Qwen3.5 has it: queries, keys and values behind a short convolution write to and
 * read from a state [valueHeads, keySize, valueSize], which decays, in place of attention. Joins `caches` with that state and the convolution's last
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
  caches: CachePart[][],
): Value {
  const { graph } = b;
  const { width, keyHeads, valueHeads, keySize, valueSize, kernel } = shape;
  const [keys, values] = [keyHeads * keySize, valueHeads * valueSize];
  const grid = (y: Value, n: number) =>
    graph.node('Reshape', [y, graph.node('Concat', [inputs.grid, graph.shape([n])], { axis: 0 })]);
  const rows = carriedRows(b, inputs);
  const parts: CachePart[] = [
    { name: `${index}.convolved`, dims: [kernel - 1, 2 * keys + values] },
    { name: `${index}.state`, dims: [valueHeads, keySize, valueSize] },
  ];
  const [before, state] = carried(b, parts, rows);

  const { mixing, shut, rate, decay } = (shape.joined ? joinedProducts : products)(b, path, x, shape);
  const convolved = convolution(b, `${path}.conv1d`, grid(mixing, 2 * keys + values), before, rows, {
    ...{ channels: 2 * keys + values, kernel, bias: false },
  });
  const active = silu(b, convolved.mixed);
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
  carry(b, parts, [convolved.after, present]);
  caches[index] = parts;

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

/** What is mixed over tokens (queries, keys and values side by side), the gate behind it, and how much a token writes to the state and keeps of it. */
interface Products {
  mixing: Value;
  shut: Value;
  rate: Value;
  decay: Value;
}

function products(b: Building, path: string, x: Value, shape: GatedDeltaShape): Products {
  const { width, keyHeads, valueHeads, keySize, valueSize } = shape;
  const product = (name: string, to: number) => linear(b, `${path}.${name}`, x, { from: width, to, bias: false });
  return {
    mixing: product('in_proj_qkv', 2 * keyHeads * keySize + valueHeads * valueSize),
    shut: product('in_proj_z', valueHeads * valueSize),
    rate: product('in_proj_b', valueHeads),
    decay: product('in_proj_a', valueHeads),
  };
}

function joinedProducts(b: Building, path: string, x: Value, shape: GatedDeltaShape): Products {
  const { graph } = b;
  const { width, keyHeads, valueHeads, keySize, valueSize } = shape;
  const sharing = valueHeads / keyHeads;
  const parts = (name: string, sizes: number[]) => {
    const size = sizes.reduce((sum, each) => sum + each, 0);
    const all = linear(b, `${path}.${name}`, x, { from: width, to: keyHeads * size, bias: false });
    const byHead = graph.node('Reshape', [all, graph.shape([-1, size])]);
    return graph
      .nodes('Split', [byHead, graph.shape(sizes)], sizes.length, { axis: -1 })
      .map((part, i) => graph.node('Reshape', [part, graph.shape([-1, keyHeads * sizes[i]])]));
  };
  const [query, key, value, shut] = parts('in_proj_qkvz', [
    ...[keySize, keySize],
    ...[sharing * valueSize, sharing * valueSize],
  ]);
  const [rate, decay] = parts('in_proj_ba', [sharing, sharing]);
  const widths = [keyHeads * keySize, keyHeads * keySize, valueHeads * valueSize];
  const mixing = graph.node('Concat', splitSites(b, path, [query, key, value], widths), { axis: -1 });
  return { mixing, shut, rate, decay };
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

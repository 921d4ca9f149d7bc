import type { Value } from './graph-builder.js';
import type { Building } from './module.js';

/** How a norm is made. */
export interface NormForm {
  /** Divides by the root mean square (Zhang and Sennrich 2019), or takes the mean away and divides by the standard deviation (Ba, Kiros, Hinton 2016). */
  by: 'root-mean-square' | 'deviation';
  epsilon: number;
  /** Whether each dimension has a gain. Default: yes. */
  gain?: boolean;
  /** Gains are stored as their distance from this (Gemma: 1). Default: 0. */
  gainOffset?: number;
  /** Whether each dimension has a bias; of `deviation` alone. Default: no. */
  bias?: boolean;
}

/** Normalization of the last dimension, named as a site. */
export function norm(b: Building, path: string, x: Value, width: number, form: NormForm): Value {
  return b.graph.site(path, 'norm', width, normalized(b, path, x, width, form));
}

/** `norm` without a name: its module runs more than once, and a site is what the last run gives. */
export function unnamedNorm(b: Building, path: string, x: Value, width: number, form: NormForm): Value {
  return normalized(b, path, x, width, form);
}

/** Layer normalization with a gain and a bias; without both where `plain`. */
export function layerNorm(
  b: Building,
  path: string,
  x: Value,
  width: number,
  epsilon: number,
  { plain = false } = {},
): Value {
  return norm(b, path, x, width, { by: 'deviation', epsilon, gain: !plain, bias: !plain });
}

/** `norm` of each head by itself: x is [rows, heads x headSize], and one gain of [headSize] serves every head. */
export function normOfHeads(
  b: Building,
  path: string,
  x: Value,
  heads: number,
  headSize: number,
  form: NormForm,
): Value {
  const split = b.graph.node('Reshape', [x, b.graph.shape([-1, headSize])]);
  const width = heads * headSize;
  const joined = b.graph.node('Reshape', [normalized(b, path, split, headSize, form), b.graph.shape([-1, width])]);
  return b.graph.site(path, 'norm', width, joined);
}

/** `normOfHeads` with a gain for each dimension of each head, a tensor [heads, headSize] (Cohere). */
export function normByOwnGains(
  b: Building,
  path: string,
  x: Value,
  heads: number,
  headSize: number,
  form: NormForm,
): Value {
  const { graph } = b;
  const split = graph.node('Reshape', [x, graph.shape([-1, headSize])]);
  const plain = normalized(b, path, split, headSize, { ...form, gain: false, bias: false });
  const dims = [heads, headSize];
  const width = heads * headSize;
  const stored = graph.weight(b.tensors.require(`${path}.weight`, dims), dims);
  const gain = graph.node('Reshape', [stored, graph.shape([width])]);
  const joined = graph.node('Reshape', [plain, graph.shape([-1, width])]);
  return graph.site(path, 'norm', width, graph.node('Mul', [joined, gain]));
}

/** A norm for each head, modules `${path}.0`, `${path}.1`… and sites each (StableLM 2). */
export function normsByHead(
  b: Building,
  path: string,
  x: Value,
  heads: number,
  headSize: number,
  form: NormForm,
): Value {
  const { graph } = b;
  const lengths = new Array<number>(heads).fill(headSize);
  const parts = heads === 1 ? [x] : graph.nodes('Split', [x, graph.shape(lengths)], heads, { axis: -1 });
  const normed = parts.map((part, head) => norm(b, `${path}.${head}`, part, headSize, form));
  return heads === 1 ? normed[0] : graph.node('Concat', normed, { axis: -1 });
}

function normalized(b: Building, path: string, x: Value, width: number, form: NormForm): Value {
  const { by, epsilon, gain = true, gainOffset = 0, bias = false } = form;
  const stored = (name: string) => b.graph.weight(b.tensors.require(`${path}.${name}`, [width]), [width]);
  const inputs = [x, gain ? offset(b, stored('weight'), gainOffset) : ones(b, width)];
  if (bias) inputs.push(stored('bias'));
  const op = by === 'deviation' ? 'LayerNormalization' : 'SimplifiedLayerNormalization';
  return b.graph.node(op, inputs, { axis: -1, epsilon: { float: epsilon } });
}

/** Constant folding does this sum once, when the graph is loaded. */
function offset(b: Building, gain: Value, by: number): Value {
  return by === 0 ? gain : b.graph.node('Add', [gain, b.graph.numbers(`offset.${by}`, Float32Array.of(by), [1])]);
}

const ones = (b: Building, width: number) => b.graph.numbers(`ones.${width}`, new Float32Array(width).fill(1), [width]);

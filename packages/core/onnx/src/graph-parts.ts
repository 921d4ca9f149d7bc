import { type AttributeProto, elementType, type NodeProto, type ValueInfoProto } from './model-proto.js';

/** A dimension: a number, or a name that is bound when the graph runs. */
export type Dimension = number | string;

/** A plain number is a whole one. */
export type Attribute = number | string | readonly number[] | { float: number };

/** Operators of onnxruntime that are not in ONNX's own operator set. */
const contributed = new Set([
  'GroupQueryAttention',
  'MultiHeadAttention',
  'RotaryEmbedding',
  'QuickGelu',
  'Gelu',
  'FastGelu',
  'LinearAttention',
  'CausalConvWithState',
]);

/** A node: an operator, and the names of the tensors that it reads and makes. */
export function graphNode(
  opType: string,
  input: string[],
  output: string[],
  attributes: Readonly<Record<string, Attribute>> = {},
): NodeProto {
  const attribute = Object.entries(attributes).map(([name, value]) => encodeAttribute(name, value));
  const domain = contributed.has(opType) ? 'com.microsoft' : '';
  return { opType, domain, input, output, attribute };
}

/** A tensor that a graph takes or gives. */
export function valueInfo(name: string, type: keyof typeof elementType, dims: readonly Dimension[]): ValueInfoProto {
  const dim = dims.map((d) => (typeof d === 'number' ? { dimValue: d } : { dimParam: d }));
  return { name, type: { tensorType: { elemType: elementType[type], shape: { dim } } } };
}

function encodeAttribute(name: string, value: Attribute): AttributeProto {
  if (typeof value === 'number') return { name, type: 2, i: value };
  if (typeof value === 'string') return { name, type: 3, s: Buffer.from(value) };
  if ('float' in value) return { name, type: 1, f: value.float };
  return { name, type: 7, ints: [...value] };
}

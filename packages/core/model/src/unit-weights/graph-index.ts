import type { NodeProto } from '@galvani/onnx';
import type { Constant, Graph, Value } from '../graph/graph-builder.js';
import type { Site } from '../site.js';

/** A graph by its values: what makes each, what takes it, which are constants and which sites. */
export interface GraphIndex {
  made: ReadonlyMap<Value, NodeProto>;
  /** Nodes that take a value, with its place among their inputs. */
  taken: ReadonlyMap<Value, { node: NodeProto; input: number }[]>;
  constants: ReadonlyMap<Value, Constant>;
  sites: ReadonlyMap<Value, Site>;
}

export function indexGraph({ nodes, constants, sites }: Graph): GraphIndex {
  const taken = new Map<Value, { node: NodeProto; input: number }[]>();
  for (const node of nodes)
    for (const [input, value] of node.input.entries()) taken.set(value, [...(taken.get(value) ?? []), { node, input }]);
  return {
    made: new Map(nodes.flatMap((node) => node.output.map((value) => [value, node] as const))),
    taken,
    constants: new Map(constants.map((constant) => [constant.value, constant])),
    sites: new Map(sites.map((site) => [site.name, site])),
  };
}

/** A parameter that a value is, or is with a number added, as Gemma's gains are, or in another shape, as Cohere's; undefined for numbers of the configuration. */
export function parameterOf(index: GraphIndex, value: Value): { parameter: string; shape: number[] } | undefined {
  const constant = index.constants.get(value);
  if (constant)
    return constant.kind === 'checkpoint' ? { parameter: constant.tensor, shape: constant.dims } : undefined;
  const node = index.made.get(value);
  return node?.opType === 'Add' || node?.opType === 'Reshape' ? parameterOf(index, node.input[0]) : undefined;
}

/** A gain for each dimension of each head, [heads, headSize], that a product of two values has as one of them. */
export function gainOfHeads(index: GraphIndex, node: NodeProto): { parameter: string; shape: number[] } | undefined {
  if (node.opType !== 'Mul') return undefined;
  return node.input.map((value) => parameterOf(index, value)).find((found) => found?.shape.length === 2);
}

/** Whole numbers that a value is, such as a shape, or the known end of one that begins with batch and sequence. */
export function wholeNumbersOf(index: GraphIndex, value: Value): number[] {
  const constant = index.constants.get(value);
  if (constant?.kind === 'numbers') return Array.from(constant.data, Number);
  const node = index.made.get(value);
  if (node?.opType === 'Concat') return wholeNumbersOf(index, node.input.at(-1)!);
  throw new Error(`${value} is no constant`);
}

/** A node's whole-number attribute. */
export function attributeOf(node: NodeProto, name: string, otherwise: number): number {
  return Number(node.attribute.find((each) => each.name === name)?.i ?? otherwise);
}

/** An attention's heads, and the groups of them that share keys and values. */
export function headCounts(node: NodeProto): [number, number] {
  const heads = attributeOf(node, 'num_heads', attributeOf(node, 'q_num_heads', 0));
  return [heads, attributeOf(node, 'kv_num_heads', heads)];
}

/** Operators that keep every number in its place and know no weight. */
export const elementwise: ReadonlySet<string> = new Set([
  ...['Identity', 'Gelu', 'FastGelu', 'QuickGelu', 'Relu', 'Clip', 'Tanh', 'Sigmoid'],
  ...['Add', 'Sub', 'Mul', 'Div', 'Min', 'Elu', 'Softplus', 'Where', 'Greater', 'Exp', 'Neg'],
]);

/** Their inputs are queries, keys and values first; what else they take is of patterns too. */
export const attentions: ReadonlySet<string> = new Set([
  'GroupQueryAttention',
  'MultiHeadAttention',
  'LinearAttention',
]);

export const norms: ReadonlySet<string> = new Set(['LayerNormalization', 'SimplifiedLayerNormalization']);

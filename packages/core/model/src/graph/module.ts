import type { Tensors } from '../checkpoint/tensors.js';
import type { SiteKind } from '../site.js';
import type { GraphBuilder, Value } from './graph-builder.js';

/** What layers are built from: the graph, and the checkpoint's tensors by module path. */
export interface Building {
  graph: GraphBuilder;
  tensors: Tensors;
}

/** How a linear layer is made. */
export interface LinearForm {
  /** Numbers of a row before and after. */
  from: number;
  to: number;
  /** Whether it adds a bias. config.json and the family decide: a bias that the file holds without being asked is left out. */
  bias: boolean;
}

/** `[rows, from] -> [rows, to]`, named as a site. The weight is [to, from] as torch.nn.Linear has it. */
export function linear(b: Building, path: string, x: Value, form: LinearForm, kind: SiteKind = 'linear'): Value {
  const shape = [form.to, form.from];
  const weight = b.graph.weight(b.tensors.require(`${path}.weight`, shape), shape);
  return product(b, path, x, weight, form, { transB: 1 }, kind);
}

/** `linear` with a weight that is stored [from, to] and a bias, as GPT-2's Conv1D has them. */
export function linearTransposed(b: Building, path: string, x: Value, from: number, to: number): Value {
  const weight = b.graph.weight(b.tensors.require(`${path}.weight`, [from, to]), [from, to]);
  return product(b, path, x, weight, { from, to, bias: true }, {}, 'linear');
}

function product(
  b: Building,
  path: string,
  x: Value,
  weight: Value,
  { to, bias }: LinearForm,
  attributes: Record<string, number>,
  kind: SiteKind,
): Value {
  const inputs = [x, weight];
  if (bias) inputs.push(b.graph.weight(b.tensors.require(`${path}.bias`, [to]), [to]));
  return b.graph.site(path, kind, to, b.graph.node('Gemm', inputs, attributes));
}

/** Rows of an embedding table, times `scale`, named as a site. `ids` is one-dimensional. */
export function embedding(
  b: Building,
  path: string,
  ids: Value,
  entries: number,
  width: number,
  scale?: number,
): Value {
  const table = b.graph.weight(b.tensors.require(`${path}.weight`, [entries, width]), [entries, width]);
  let x = b.graph.node('Gather', [table, ids], { axis: 0 });
  if (scale !== undefined) x = b.graph.node('Mul', [x, b.graph.numbers(`scale.${scale}`, Float32Array.of(scale), [])]);
  return b.graph.site(path, 'embedding', width, x);
}

/** The residual stream after a transformer block, named as the block. */
export function blockOutput(b: Building, path: string, width: number, residual: Value, update: Value): Value {
  return b.graph.site(path, 'block', width, b.graph.node('Add', [residual, update]));
}

import type { Tensors } from '../checkpoint/tensors.js';
import type { SiteKind } from '../site.js';
import type { GraphBuilder, Value } from './graph-builder.js';

/** What layers are built from: the graph, and the checkpoint's tensors by module path. */
export interface Building {
  graph: GraphBuilder;
  tensors: Tensors;
}

/** `[rows, in] -> [rows, out]`, named as a site. The weight is [out, in] as torch.nn.Linear has it; the bias is used if there. */
export function linear(
  b: Building,
  path: string,
  x: Value,
  from: number,
  to: number,
  kind: SiteKind = 'linear',
): Value {
  const weight = b.graph.weight(b.tensors.require(`${path}.weight`, [to, from]), [to, from]);
  return product(b, path, x, weight, to, { transB: 1 }, kind);
}

/** `linear` with a weight that is stored [in, out], as GPT-2's Conv1D has it. */
export function linearTransposed(b: Building, path: string, x: Value, from: number, to: number): Value {
  const weight = b.graph.weight(b.tensors.require(`${path}.weight`, [from, to]), [from, to]);
  return product(b, path, x, weight, to, {}, 'linear');
}

function product(
  b: Building,
  path: string,
  x: Value,
  weight: Value,
  width: number,
  attributes: Record<string, number>,
  kind: SiteKind,
): Value {
  const inputs = [x, weight];
  if (b.tensors.has(`${path}.bias`)) inputs.push(b.graph.weight(b.tensors.require(`${path}.bias`, [width]), [width]));
  return b.graph.site(path, kind, width, b.graph.node('Gemm', inputs, attributes));
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

/** The residual stream after a block, named as the block. */
export function blockOutput(b: Building, path: string, width: number, residual: Value, update: Value): Value {
  return b.graph.site(path, 'block', width, b.graph.node('Add', [residual, update]));
}

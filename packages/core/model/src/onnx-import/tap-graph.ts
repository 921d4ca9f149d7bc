import {
  elementType,
  type GraphProto,
  graphNode,
  type ModelProto,
  type NodeProto,
  type ValueInfoProto,
  valueInfo,
} from '@galvani/onnx';
import { withHidden } from './fused-values.js';
import { isPresent } from './imported-inputs.js';
import type { Layout } from './tensor-layout.js';

/** A tensor to be handed out, its rows chosen by position. */
export interface Tap {
  /** Name of the site, or of the logits' tap. */
  name: string;
  value: string;
  layout: Layout;
}

/** Inputs that the edited graph has in addition: which positions of every text are wanted, and the same as rows of a flat tensor. */
export const positionsInput = 'galvani:positions';
export const rowsInput = 'galvani:rows';
/** Tap of the logits. */
export const logitsTap = 'galvani:logits';
/** The output that belongs to a site. */
export const outputOf = (site: string) => `galvani:site:${site}`;

/** The model with raw tensors as outputs, for a look at their shapes. */
export function exposeValues(model: ModelProto, values: readonly string[]): ModelProto {
  const held = new Set(model.graph.output.map(({ name }) => name));
  const more = [...new Set(values)].filter((name) => !held.has(name)).map((name) => ({ name }));
  const graph = withHidden(model.graph, values);
  return { ...model, graph: { ...graph, output: [...graph.output, ...more] } };
}

/** The model with taps as float32 outputs [rows x positions, …], and of its own outputs only keys and values. */
export function tapGraph(model: ModelProto, taps: readonly Tap[]): ModelProto {
  const graph = withHidden(
    model.graph,
    taps.map(({ value }) => value),
  );
  const node: NodeProto[] = [...graph.node];
  for (const { name, value, layout } of taps) {
    const flat = layout === 'flat' || layout === 'shared-flat';
    const indices = layout === 'flat' ? rowsInput : positionsInput;
    const gathered = `${outputOf(name)}:rows`;
    node.push(graphNode('Gather', [value, indices], [gathered], { axis: flat ? 0 : 1 }));
    node.push(graphNode('Cast', [gathered], [outputOf(name)], { to: elementType.float32 }));
  }
  const input = [...graph.input];
  if (taps.some(({ layout }) => layout !== 'flat')) input.push(indexInput(positionsInput));
  if (taps.some(({ layout }) => layout === 'flat')) input.push(indexInput(rowsInput));
  const output: ValueInfoProto[] = [
    ...graph.output.filter(({ name }) => isPresent(name)),
    ...taps.map(({ name }) => ({ name: outputOf(name) })),
  ];
  return { ...model, graph: { ...graph, node, input, output } as GraphProto };
}

const indexInput = (name: string) => valueInfo(name, 'int64', [name]);

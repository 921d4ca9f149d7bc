import type { NodeProto } from '@galvani/onnx';
import type { SiteKind } from '../site.js';
import { isFusedNorm } from './fused-values.js';
import { type GraphFlow, isQuantizer, movedBy } from './graph-flow.js';
import { isWithin, type ModulePlace } from './module-place.js';
import { startsModule } from './site-kind.js';

/** A graph whose nodes have their places among the modules. */
export interface PlacedGraph {
  flow: GraphFlow;
  places: ReadonlyMap<NodeProto, ModulePlace>;
}

/** Whether a node lies in a module or in one inside it: for certain, for certain not, or nobody knows. */
export function isInside({ places }: PlacedGraph, node: NodeProto, module: string): boolean | undefined {
  const { path, exact } = places.get(node)!;
  if (isWithin(path, module)) return true;
  return exact || !isWithin(module, path) ? false : undefined;
}

/**
 * Whether everything that goes on from a tensor lies outside a module for certain. A node of unknown place may be the rest of
 * the module; `starts` says of which it is certain that they are not. What only moves or converts is looked through.
 */
export function leavesFor(
  placed: PlacedGraph,
  tensor: string,
  module: string,
  starts: (node: NodeProto, tensor: string) => boolean,
): boolean {
  const { flow } = placed;
  return flow.readers(tensor).every((node) => {
    const inside = isInside(placed, node, module);
    if (inside === false) return true;
    if (movedBy(node, flow.weights).length === 0) return inside === undefined && starts(node, tensor);
    // Behind its first output a dynamic quantizer has the scale, which goes where the numbers go.
    const moved = isQuantizer(node) ? node.output.slice(0, 1) : node.output;
    return moved.every((name) => leavesFor(placed, name, module, starts));
  });
}

/**
 * Says of a node of unknown place whether it is certain not to go on with the work of a module of this kind that has made
 * `value`; it reads `tensor`, which is that or moved or converted from it.
 */
export function startsAfter(
  kind: SiteKind,
  flow: GraphFlow,
  value: string,
): (node: NodeProto, tensor: string) => boolean {
  const biased = hasBias(flow, value);
  return (node, tensor) => {
    if (kind === 'other') return false;
    if (startsModule(node) || isFusedNorm(node)) return true;
    if (kind !== 'linear' && kind !== 'embedding' && kind !== 'head') return false;
    // A product is followed by its bias and, in whole numbers, before that by its scale; an embedding by a factor.
    const scaled = flow.maker.get(tensor)?.opType === 'Cast' || node.input.some((name) => flow.constants.has(name));
    return biased || !(/^(Add|Sub|Mul|Div)$/.test(node.opType) && scaled);
  };
}

/** Whether a bias has been added to a product, so that nothing more of its module can follow. */
export function hasBias(flow: GraphFlow, value: string): boolean {
  return [value, ...originals(flow, value)].some((name) => {
    const { opType, input } = flow.maker.get(name) ?? { opType: '', input: [] };
    return opType === 'Gemm' ? Boolean(input[2]) : opType === 'Add' && input.some((each) => flow.constants.has(each));
  });
}

/** Whether a node's output is more than its module's: a fused operator that goes on with what comes behind the product. */
export function isOverdone({ opType, attribute }: NodeProto): boolean {
  const value = (name: string) => attribute.find((each) => each.name === name);
  if (opType === 'FusedGemm' || opType === 'FusedConv') return true;
  return opType === 'FusedMatMul' && (value('alpha')?.f ?? 1) !== 1;
}

/** Whether a tensor is nothing but something from outside a module, moved or converted there. */
export function isCopy(placed: PlacedGraph, tensor: string, module: string): boolean {
  const { flow } = placed;
  const made = flow.maker.get(tensor);
  if (!made || isInside(placed, made, module) !== true) return true;
  const moved = movedBy(made, flow.weights);
  return moved.length > 0 && moved.every((name) => isCopy(placed, name, module));
}

/** The tensors that another one is moved or converted from. */
export function originals(flow: GraphFlow, tensor: string): string[] {
  const made = flow.maker.get(tensor);
  const moved = made ? movedBy(made, flow.weights) : [];
  return moved.flatMap((name) => [name, ...originals(flow, name)]);
}

import type { NodeProto } from '@galvani/onnx';
import type { GraphFlow } from './graph-flow.js';

/** Where a node lies among the modules. */
export interface ModulePlace {
  /** Path of a module that it lies in; '' is the whole model. */
  path: string;
  /** Whether it is that module's own; else it may lie in any module inside it. */
  exact: boolean;
}

/** Whether a path is a module, or lies inside it. */
export const isWithin = (path: string, module: string) =>
  module === '' || path === module || path.startsWith(`${module}.`);

/** The module and all that it lies in, the outermost first, without the whole model. */
export function lineage(path: string): string[] {
  if (path === '') return [];
  const parts = path.split('.');
  return parts.map((_, i) => parts.slice(0, i + 1).join('.'));
}

/**
 * Where every node lies. One whose path is not known lies in the innermost module that has nodes both in front of it and
 * behind it: a module runs as a whole, so that no data leave it and come back. (One that does run several times is known by
 * other modules' nodes in between, and encloses nothing.)
 */
export function placeNodes(
  flow: GraphFlow,
  paths: ReadonlyMap<NodeProto, string | undefined>,
): Map<NodeProto, ModulePlace> {
  const places = new Map<NodeProto, ModulePlace>();
  const members = new Map<string, NodeProto[]>();
  for (const node of flow.order) {
    const path = paths.get(node);
    places.set(node, { path: path ?? '', exact: path !== undefined });
    for (const each of lineage(path ?? '')) {
      const held = members.get(each);
      if (held) held.push(node);
      else members.set(each, [node]);
    }
  }
  const known = (node: NodeProto) => paths.get(node) !== undefined;
  if (flow.order.every(known)) return places;
  const ambiguous = new Set<NodeProto>();
  for (const path of [...members.keys()].sort((a, b) => a.length - b.length)) {
    const enclosed = between(flow, members.get(path)!);
    if (enclosed.some((node) => known(node))) continue;
    for (const node of enclosed) {
      if (ambiguous.has(node)) continue;
      const now = places.get(node)!.path;
      if (!isWithin(path, now)) ambiguous.add(node);
      places.set(node, { path: isWithin(path, now) ? path : common(path, now), exact: false });
    }
  }
  return places;
}

/** The innermost module that two paths share. */
function common(a: string, b: string): string {
  return lineage(a).findLast((module) => isWithin(b, module)) ?? '';
}

/** Nodes outside some members that read what one of them makes and make what another reads. */
function between({ order, place, maker, reads, readers }: GraphFlow, members: readonly NodeProto[]): NodeProto[] {
  const inside = new Set(members);
  // Members stand in the graph's order.
  const first = place.get(members[0])!;
  const last = place.get(members[members.length - 1])!;
  const after = new Set<NodeProto>();
  for (let i = first; i <= last; i++)
    if (inside.has(order[i]) || after.has(order[i]))
      for (const name of order[i].output) for (const reader of readers(name)) after.add(reader);
  const before = new Set<NodeProto>();
  for (let i = last; i >= first; i--)
    if (inside.has(order[i]) || before.has(order[i]))
      for (const name of reads(order[i])) {
        const made = maker.get(name);
        if (made) before.add(made);
      }
  return order.slice(first, last + 1).filter((node) => after.has(node) && before.has(node) && !inside.has(node));
}

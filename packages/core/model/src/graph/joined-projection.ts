import type { Value } from './graph-builder.js';
import type { Building } from './module.js';

/**
 * Parts of one product [rows, groups x sum of sizes] that holds, group by group, `sizes` numbers of each part: query, key and value of
 * the first head, then of the second, and so on. Each part is [rows, groups x size].
 */
export function splitByGroup({ graph }: Building, joined: Value, groups: number, sizes: number[]): Value[] {
  const whole = sizes.reduce((a, b) => a + b, 0);
  const byGroup = groups === 1 ? joined : graph.node('Reshape', [joined, graph.shape([-1, groups, whole])]);
  const parts = graph.nodes('Split', [byGroup, graph.shape(sizes)], sizes.length, { axis: -1 });
  if (groups === 1) return parts;
  return parts.map((part, i) => graph.node('Reshape', [part, graph.shape([-1, groups * sizes[i]])]));
}

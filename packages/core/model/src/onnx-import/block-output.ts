import type { NodeProto } from '@galvani/onnx';
import { isFusedNorm, sumOf } from './fused-values.js';
import { reaches } from './graph-flow.js';
import { isCopy, isInside, leavesFor, type PlacedGraph } from './module-output.js';

/** What a transformer block's output can be taken from. */
interface End {
  value: string;
  /** The node that makes it. */
  node: NodeProto;
  /** Whether the block can end in it. */
  ends: boolean;
}

/**
 * A block's output: the last tensor that leaves it. Blocks end in a sum of their own or, where norms come last, in the output
 * of one of `norms`; where the last sum is fused into the norm behind the block, in that. Undefined where what leaves last is
 * something else, or where nobody can say whether more of the block follows.
 */
export function blockOutput(
  placed: PlacedGraph,
  block: string,
  nodes: readonly NodeProto[],
  norms: ReadonlySet<string>,
  keyValueOutputs: ReadonlySet<string>,
): { value: string; node: NodeProto } | undefined {
  const { flow, places } = placed;
  const inside = new Set(nodes);
  const made = new Set(nodes.flatMap(({ output }) => output));
  const ends: End[] = [];
  for (const node of nodes)
    for (const value of isFusedNorm(node) ? node.output.slice(0, 1) : node.output) {
      if (value === '' || keyValueOutputs.has(value)) continue;
      const readers = flow.readers(value);
      if (!flow.outputs.has(value) && readers.every((reader) => inside.has(reader))) continue;
      const { path, exact } = places.get(node)!;
      const own = exact && path === block && !isCopy(placed, value, block);
      // What is only added to the residual stream is a branch of the block, not its output.
      const branch = readers.length === 1 && isFusedNorm(readers[0]) && readers[0].input.indexOf(value) < 2;
      ends.push({ value, node, ends: (own || norms.has(value)) && !branch });
    }
  const sums = new Set(flow.order.filter(isFusedNorm).map(sumOf));
  const taken = (name: string) => flow.readers(name).some((reader) => inside.has(reader));
  for (const node of flow.order) {
    if (!isFusedNorm(node) || isInside(placed, node, block) !== false) continue;
    const [a, b] = node.input;
    const joins = (branch: string, stream: string) =>
      made.has(branch) && (made.has(stream) || sums.has(stream) || taken(stream));
    if (joins(a, b) || joins(b, a)) ends.push({ value: sumOf(node), node, ends: true });
  }
  const last = ends.sort((x, y) => flow.place.get(x.node)! - flow.place.get(y.node)!).at(-1);
  if (!last?.ends) return undefined;
  const behind = inside.has(last.node) ? flow.readers(last.value) : [last.node];
  if (reaches(flow, behind, inside)) return undefined;
  return !inside.has(last.node) || leavesFor(placed, last.value, block, () => false) ? last : undefined;
}

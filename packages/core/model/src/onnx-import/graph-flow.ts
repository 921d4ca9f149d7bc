import { asNumber, type GraphProto, type NodeProto } from '@galvani/onnx';

/** How tensors go from node to node in a graph. */
export interface GraphFlow {
  /** The nodes, each behind those whose outputs it reads. */
  order: readonly NodeProto[];
  /** A node's place in that order. */
  place: ReadonlyMap<NodeProto, number>;
  /** The node that makes a tensor. */
  maker: ReadonlyMap<string, NodeProto>;
  outputs: ReadonlySet<string>;
  /** The file's weights, and what is only converted or moved of them. */
  weights: ReadonlySet<string>;
  /** Everything that is the same whatever the graph is fed with. */
  constants: ReadonlySet<string>;
  /** The tensors that a node reads, its subgraphs included. */
  reads(node: NodeProto): readonly string[];
  /** The nodes that read a tensor. */
  readers(name: string): readonly NodeProto[];
}

const moving = new Set(
  [
    'Cast CastLike Identity Dropout',
    'Reshape Flatten Squeeze Unsqueeze Transpose Expand Tile Slice Split Gather GatherElements GatherND Concat Pad',
    'QuantizeLinear DequantizeLinear DynamicQuantizeLinear',
  ].flatMap((row) => row.split(' ')),
);

/** Operators that tools put in front of and behind others, and that are of no module. */
export const isQuantizer = ({ opType }: NodeProto) => /^(Dynamic)?(Q|Deq)uantizeLinear$/.test(opType);

/** Whether a node rounds what it is given to whole numbers of eight bits, as one with weights of four bits does where it says so. */
export const roundsToEightBits = ({ opType, attribute }: NodeProto) =>
  opType === 'QuantizeLinear' ||
  (opType === 'MatMulNBits' && attribute.some(({ name, i }) => name === 'accuracy_level' && asNumber(i) === 4));

/** The tensors that a node moves or converts without computing anything; none if it computes. A look-up in weights computes. */
export function movedBy({ opType, input }: NodeProto, weights: ReadonlySet<string>): string[] {
  if (!moving.has(opType) || (opType === 'Gather' && weights.has(input[0]))) return [];
  return opType === 'Concat' ? input : input.slice(0, 1);
}

/** What a node reads: its inputs, and what its subgraphs take from the graph around them. */
function readBy(node: NodeProto): string[] {
  const found = node.input.filter((name) => name !== '');
  for (const inner of subgraphs(node)) {
    const own = new Set([
      ...inner.node.flatMap(({ output }) => output),
      ...inner.input.map(({ name }) => name),
      ...inner.initializer.map(({ name }) => name ?? ''),
    ]);
    const used = [...inner.node.flatMap(readBy), ...inner.output.map(({ name }) => name)];
    found.push(...used.filter((name) => !own.has(name)));
  }
  return [...new Set(found)];
}

/** The graphs that a node holds in its attributes. */
export function subgraphs({ attribute }: NodeProto): GraphProto[] {
  return attribute.flatMap(({ g, graphs }) => [...(g ? [g] : []), ...(graphs ?? [])]);
}

const named = ({ output }: NodeProto) => output.filter((name) => name !== '');

export function followGraph(graph: GraphProto): GraphFlow {
  const maker = new Map<string, NodeProto>();
  for (const node of graph.node) for (const name of named(node)) maker.set(name, node);
  const reads = new Map(graph.node.map((node) => [node, readBy(node)]));
  const readers = new Map<string, NodeProto[]>();
  for (const [node, names] of reads)
    for (const name of names) {
      const held = readers.get(name);
      if (held) held.push(node);
      else readers.set(name, [node]);
    }
  const order = sorted(graph.node, (node) => reads.get(node)!.flatMap((name) => maker.get(name) ?? []));
  const weights = new Set(graph.initializer.map(({ name }) => name ?? ''));
  const constants = new Set(weights);
  for (const node of order) {
    const moved = movedBy(node, new Set());
    if (moved.length > 0 && moved.every((name) => weights.has(name))) for (const name of named(node)) weights.add(name);
    const names = reads.get(node)!;
    if (node.opType === 'Constant' || (names.length > 0 && names.every((name) => constants.has(name))))
      for (const name of named(node)) constants.add(name);
  }
  return {
    order,
    place: new Map(order.map((node, i) => [node, i])),
    maker,
    outputs: new Set(graph.output.map(({ name }) => name)),
    weights,
    constants,
    reads: (node) => reads.get(node) ?? [],
    readers: (name) => readers.get(name) ?? [],
  };
}

/** Nodes with those that they depend on in front; files have them so, damaged ones may not. */
function sorted(nodes: readonly NodeProto[], dependsOn: (node: NodeProto) => NodeProto[]): NodeProto[] {
  const done = new Set<NodeProto>();
  const order: NodeProto[] = [];
  for (const first of nodes) {
    const stack = [{ node: first, left: dependsOn(first) }];
    const open = new Set([first]);
    while (stack.length > 0) {
      const { node, left } = stack[stack.length - 1];
      const next = left.pop();
      if (next && !done.has(next) && !open.has(next)) {
        open.add(next);
        stack.push({ node: next, left: dependsOn(next) });
      } else if (!next) {
        stack.pop();
        if (!done.has(node)) {
          done.add(node);
          order.push(node);
        }
      }
    }
  }
  return order;
}

/** Whether one of `nodes` reads, directly or through others, what comes out of `from`. */
export function reaches(flow: GraphFlow, from: Iterable<NodeProto>, nodes: ReadonlySet<NodeProto>): boolean {
  let last = -1;
  for (const node of nodes) last = Math.max(last, flow.place.get(node)!);
  const seen = new Set<NodeProto>();
  const stack = [...from];
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (nodes.has(node)) return true;
    if (seen.has(node) || flow.place.get(node)! > last) continue;
    seen.add(node);
    for (const name of node.output) stack.push(...flow.readers(name));
  }
  return false;
}

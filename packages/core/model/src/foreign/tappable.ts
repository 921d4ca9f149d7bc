import type { GraphProto, NodeProto } from '../onnx/model-proto.js';
import type { SiteKind } from '../site.js';
import { biasedValue, fusedBias, isFusedNorm, sumOf } from './fused-values.js';
import { isHead, modulePaths } from './module-path.js';

/** A tensor inside the graph that may be a site. */
export interface Tappable {
  /** Path of the module whose output it is. */
  name: string;
  kind: SiteKind;
  layer: string;
  /** Name of the tensor. */
  value: string;
}

/**
 * The tensors that leave a module: of every innermost module (so that a Linear's product and bias are one site, its final
 * output), and of every block. Which of them are one row of numbers for each token only a run can tell.
 */
export function findTappable(graph: GraphProto, keyValueOutputs: ReadonlySet<string>): Tappable[] {
  const paths = modulePaths(graph);
  const consumers = new Map<string, NodeProto[]>();
  for (const node of graph.node)
    for (const name of node.input) {
      const held = consumers.get(name);
      if (held) held.push(node);
      else consumers.set(name, [node]);
    }
  const outputs = new Set(graph.output.map(({ name }) => name));
  const weights = new Set(graph.initializer.map(({ name }) => name ?? ''));

  const members = new Map<string, NodeProto[]>();
  const containers = new Set<string>();
  for (const [node, path] of paths) {
    if (path === '') continue;
    const parts = path.split('.');
    for (let n = parts.length - 1; n > 0; n--) containers.add(parts.slice(0, n).join('.'));
    for (const owner of [path, blockOf(path)])
      if (owner !== undefined && (owner !== path || blockOf(path) !== path)) push(members, owner, node);
    if (blockOf(path) === path) push(members, path, node);
  }

  const position = new Map(graph.node.map((node, i) => [node, i]));
  const firstBlock = Math.min(
    ...graph.node.map((node, i) => (blockOf(paths.get(node) ?? '') ? i : Number.POSITIVE_INFINITY)),
  );
  const sums = new Set(graph.node.filter(isFusedNorm).map(sumOf));
  /** Blocks end in a sum of their own or, where norms come last, in a norm. */
  const mayEnd = (node: NodeProto, block: string) => {
    const inner = paths.get(node)!;
    return inner === block || kindOf(inner, members.get(inner) ?? [], weights) === 'norm';
  };
  const found: (Tappable & { at: number })[] = [];
  for (const [path, nodes] of members) {
    const isBlock = blockOf(path) === path && containers.has(path);
    if (containers.has(path) && !isBlock) continue;
    const inside = new Set(nodes);
    const made = new Set(nodes.flatMap(({ output }) => output));
    // A rotary embedding's sines and cosines are the same for every prompt: no activity.
    if (!isBlock && nodes.some(({ opType }) => opType === 'Cos' || opType === 'Sin')) continue;
    // A copy of what comes in (a norm's Cast to float32, which others use too) is no output of the module.
    const isCopy = ({ opType, input }: NodeProto) =>
      (opType === 'Cast' || opType === 'Identity') && !made.has(input[0]);
    // Behind its first output a fused norm (SkipLayerNormalization) has the residual sum, which is not the norm's.
    const own = (node: NodeProto) => (isFusedNorm(node) ? node.output.slice(0, 1) : node.output);
    const leaving: Leaving[] = nodes.flatMap((node) =>
      isCopy(node)
        ? []
        : own(node)
            .filter(
              (name) =>
                name !== '' &&
                !keyValueOutputs.has(name) &&
                (outputs.has(name) || consumers.get(name)?.some((consumer) => !inside.has(consumer))),
            )
            .map((value) => ({ value, at: position.get(node)!, ends: mayEnd(node, path) })),
    );
    if (isBlock) {
      // The residual sum that ends a block may be fused into the norm behind it.
      for (const node of graph.node)
        if (!inside.has(node) && endsBlock(node, made, sums))
          leaving.push({ value: sumOf(node), at: position.get(node)!, ends: true });
      const end = endOf(leaving);
      if (end) found.push({ name: path, kind: 'block', layer: layerOf(path, end.at < firstBlock), ...end });
      continue;
    }
    const kind = kindOf(path, nodes, weights);
    for (const { value, at } of leaving) {
      const biases = (consumers.get(value) ?? []).flatMap((consumer) => fusedBias(consumer) ?? []);
      // A bias that a fused operator adds to the product of another module leaves this one without an output to show.
      if (biases.length > 0 && biases.some((bias) => bias !== `${path}.bias`) && kind === 'linear') continue;
      const whole = biases.length > 0 && kind === 'linear' ? biasedValue(value) : value;
      found.push({ name: path, kind, layer: layerOf(path, at < firstBlock), value: whole, at });
    }
  }
  return found.sort((a, b) => a.at - b.at).map(({ name, kind, layer, value }) => ({ name, kind, layer, value }));
}

/** A tensor that leaves a module, the place of the node that makes it, and whether a block can end in it. */
interface Leaving {
  value: string;
  at: number;
  ends: boolean;
}

/**
 * A block's output: the last tensor that leaves it. If a block cannot end in that, what ends it has no name that says so, and it
 * is not guessed.
 */
function endOf(leaving: readonly Leaving[]): Leaving | undefined {
  const last = leaving.toSorted((a, b) => a.at - b.at).at(-1);
  return last?.ends ? last : undefined;
}

/** Whether a fused norm adds what a block made to what it made before, or to the residual stream as it came in. */
function endsBlock(node: NodeProto, made: ReadonlySet<string>, sums: ReadonlySet<string>): boolean {
  if (!isFusedNorm(node)) return false;
  const [a, b] = node.input;
  return (made.has(a) && (made.has(b) || sums.has(b))) || (made.has(b) && sums.has(a));
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const held = map.get(key);
  if (held) held.push(value);
  else map.set(key, [value]);
}

/** The block that a path lies in: `model.layers.3` of `model.layers.3.mlp.fc1`. */
function blockOf(path: string): string | undefined {
  return /^(?:[^.]+\.)*?(?:\d+)(?=\.|$)/.exec(path)?.[0];
}

function layerOf(path: string, beforeBlocks: boolean): string {
  const block = blockOf(path);
  if (block) return `block-${block.split('.').at(-1)!.padStart(2, '0')}`;
  return beforeBlocks ? 'embeddings' : 'final';
}

function kindOf(path: string, nodes: readonly NodeProto[], weights: ReadonlySet<string>): SiteKind {
  const own = (...types: string[]) => nodes.some(({ opType }) => types.includes(opType));
  const weighted = (...types: string[]) =>
    nodes.some(({ opType, input }) => types.includes(opType) && input.some((name) => weights.has(name)));
  if (isHead(path)) return 'head';
  if (weighted('Gather') || own('GatherBlockQuantized')) return 'embedding';
  if (weighted('MatMul', 'Gemm', 'MatMulNBits', 'MatMulInteger', 'Conv') || own('FusedMatMul')) return 'linear';
  if (
    own(
      'LayerNormalization',
      'SimplifiedLayerNormalization',
      'SkipLayerNormalization',
      'SkipSimplifiedLayerNormalization',
      'RMSNormalization',
      'ReduceMean',
    )
  )
    return 'norm';
  if (
    own(
      'Erf',
      'Gelu',
      'FastGelu',
      'BiasGelu',
      'QuickGelu',
      'Relu',
      'Tanh',
      'Sigmoid',
      'Elu',
      'LeakyRelu',
      'Softplus',
      'Swish',
    )
  )
    return 'activation';
  return 'other';
}

import type { GraphProto, NodeProto } from '@galvani/onnx';
import { isQuantizer } from './graph-flow.js';

/** Whether a path is the module that gives the logits. */
export const isHead = (path: string) => /(^|\.)(lm_head|embed_out)$/.test(path);

/**
 * The path of the module that each node comes from (`model.layers.0.mlp.fc1`): '' for the model's own, undefined where nothing
 * says it. Three exporters leave it in three places: torch's newer one in the node's metadata, torch's older one and what
 * builds on it (Optimum, onnx-community, onnxruntime-genai) in node names such as `/model/layers.0/mlp/fc1/MatMul`, others in
 * the names of weights.
 */
export function modulePaths(graph: GraphProto): Map<NodeProto, string | undefined> {
  const weights = new Set(graph.initializer.map(({ name }) => name ?? ''));
  const lookedUp = new Set(graph.node.flatMap(({ opType, input }) => (opType === 'Gather' ? input.slice(0, 1) : [])));
  const paths = new Map<NodeProto, string | undefined>();
  // What tools put around a node to quantize it is named after a tensor of any module.
  for (const node of graph.node)
    paths.set(
      node,
      isQuantizer(node) ? undefined : (fromMetadata(node) ?? fromName(node) ?? fromWeights(node, weights, lookedUp)),
    );
  restorePrefixes(paths, weights);
  renameBuilt(paths);
  return paths;
}

function fromMetadata({ metadataProps }: NodeProto): string | undefined {
  const scopes = metadataProps?.find(({ key }) => key === 'pkg.torch.onnx.name_scopes')?.value;
  if (!scopes) return undefined;
  // As Python prints a list: ['', 'model', 'model.layers.0', 'add_3'], the last being the operation itself.
  const names = [...scopes.matchAll(/'([^']*)'/g)].map((match) => match[1]);
  const path = names.at(-2) ?? '';
  return path.startsWith('_') ? '' : path;
}

function fromName({ name }: NodeProto): string | undefined {
  if (!name?.startsWith('/')) return undefined;
  // onnxruntime's fusions put their own name behind the first operator's: /model/norm/Pow/SimplifiedLayerNormFusion/.
  const steps = name.split('/');
  return steps.slice(1, name.endsWith('/') ? -3 : -1).join('.');
}

/** Operators whose output is that of the module that the weight belongs to, and the inputs that the weight may be. */
const weightedOperators: Record<string, number[]> = {
  MatMul: [1],
  Gemm: [1, 2],
  Add: [0, 1],
  Mul: [0, 1],
  Gather: [0],
  MatMulNBits: [1],
  LayerNormalization: [1],
  SimplifiedLayerNormalization: [1],
  RMSNormalization: [1],
  // These also hold the bias of the product in front of them.
  SkipLayerNormalization: [2],
  SkipSimplifiedLayerNormalization: [2],
};

function fromWeights(
  { opType, input }: NodeProto,
  weights: ReadonlySet<string>,
  lookedUp: ReadonlySet<string>,
): string | undefined {
  const inputs = Object.hasOwn(weightedOperators, opType) ? weightedOperators[opType].map((i) => input[i] ?? '') : [];
  const weight = inputs.find((name) => weights.has(name) && /^[\w.]+\.(weight|bias)$/.test(name));
  const path = weight?.replace(/\.(weight|bias)$/, '');
  if (path === undefined) return undefined;
  // Tied weights have the name of one of their two modules: the other one's work is not that module's.
  return lookedUp.has(weight!) && isHead(path) === (opType === 'Gather') ? undefined : path;
}

/**
 * The older exporter forgets modules whose own forward was not called: OPT's `model.decoder` becomes `decoder`. Its weights
 * keep their full names, so what they have in front of a path is put back.
 */
function restorePrefixes(paths: Map<NodeProto, string | undefined>, weights: Set<string>): void {
  const found = new Map<string, Set<string>>();
  const quantized = new Map([...paths.keys()].filter(isQuantizer).map(({ input, output }) => [output[0], input[0]]));
  for (const [node, path] of paths) {
    if (!path) continue;
    const root = path.split('.')[0];
    for (const read of node.input) {
      const name = quantized.get(read) ?? read;
      if (!weights.has(name)) continue;
      const owner = name.replace(/\.\w+$/, '');
      if (owner !== path && !owner.endsWith(`.${path}`)) continue;
      const prefix = owner.slice(0, owner.length - path.length);
      found.set(root, (found.get(root) ?? new Set()).add(prefix));
    }
  }
  for (const [node, path] of paths) {
    const prefixes = path === undefined ? undefined : found.get(path.split('.')[0]);
    if (prefixes?.size === 1) paths.set(node, [...prefixes][0] + path);
  }
}

/**
 * onnxruntime-genai's builder has names of its own for two modules of transformers, which a graph that ends in its name of the
 * last norm is known by: attention, and that norm, which it counts as a further layer.
 */
function renameBuilt(paths: Map<NodeProto, string | undefined>): void {
  const last = /\.layers\.\d+\.final_norm_layernorm$/;
  if (![...paths.values()].some((path) => path !== undefined && last.test(path))) return;
  for (const [node, path] of paths)
    if (path !== undefined)
      paths.set(node, path.replace(last, '.norm').replace(/(\.layers\.\d+)\.attn(?=\.|$)/, '$1.self_attn'));
}

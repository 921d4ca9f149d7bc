import type { GraphProto, NodeProto } from '../onnx/model-proto.js';

/** Whether a path is the module that gives the logits. */
export const isHead = (path: string) => /(^|\.)(lm_head|embed_out)$/.test(path);

/**
 * The path of the module that each node comes from (`model.layers.0.mlp.fc1`), '' for those of no module. Three exporters
 * leave it in three places: torch's newer one in the node's metadata, torch's older one and what builds on it (Optimum,
 * onnx-community, onnxruntime-genai) in node names such as `/model/layers.0/mlp/fc1/MatMul`, others in the names of weights.
 */
export function modulePaths(graph: GraphProto): Map<NodeProto, string> {
  const weights = new Set(graph.initializer.map(({ name }) => name ?? ''));
  const paths = new Map<NodeProto, string>();
  for (const node of graph.node)
    paths.set(node, fromMetadata(node) ?? fromName(node) ?? fromWeights(node, weights) ?? '');
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

/**
 * Operators whose output is that of the module that the weight belongs to. A fused one (BiasGelu, SkipLayerNormalization)
 * holds one module's weight and gives another's output.
 */
const plainOperators = new Set(
  'MatMul Gemm Add Mul Gather LayerNormalization SimplifiedLayerNormalization RMSNormalization MatMulNBits'.split(' '),
);

function fromWeights({ opType, input }: NodeProto, weights: Set<string>): string | undefined {
  if (!plainOperators.has(opType)) return undefined;
  const weight = input.find((name) => weights.has(name) && /^[\w.]+\.(weight|bias)$/.test(name));
  const path = weight?.replace(/\.(weight|bias)$/, '');
  // Tied weights have the name of one of their two modules: looking tokens up in the head's is the embedding's work.
  return opType === 'Gather' && path !== undefined && isHead(path) ? undefined : path;
}

/**
 * The older exporter forgets modules whose own forward was not called: OPT's `model.decoder` becomes `decoder`. Its weights
 * keep their full names, so what they have in front of a path is put back.
 */
function restorePrefixes(paths: Map<NodeProto, string>, weights: Set<string>): void {
  const found = new Map<string, Set<string>>();
  for (const [node, path] of paths) {
    if (path === '') continue;
    const root = path.split('.')[0];
    for (const name of node.input) {
      if (!weights.has(name)) continue;
      const owner = name.replace(/\.\w+$/, '');
      if (owner !== path && !owner.endsWith(`.${path}`)) continue;
      const prefix = owner.slice(0, owner.length - path.length);
      found.set(root, (found.get(root) ?? new Set()).add(prefix));
    }
  }
  for (const [node, path] of paths) {
    const prefixes = found.get(path.split('.')[0]);
    if (prefixes?.size === 1) paths.set(node, [...prefixes][0] + path);
  }
}

/**
 * onnxruntime-genai's builder has names of its own for two modules of transformers, which a graph that ends in its name of the
 * last norm is known by: attention, and that norm, which it counts as a further layer.
 */
function renameBuilt(paths: Map<NodeProto, string>): void {
  const last = /\.layers\.\d+\.final_norm_layernorm$/;
  if (![...paths.values()].some((path) => last.test(path))) return;
  for (const [node, path] of paths)
    paths.set(node, path.replace(last, '.norm').replace(/(\.layers\.\d+)\.attn(?=\.|$)/, '$1.self_attn'));
}

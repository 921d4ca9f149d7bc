import type { GraphProto, NodeProto } from '@galvani/onnx';
import type { SiteKind } from '../site.js';
import { blockOutput } from './block-output.js';
import { biasedValue, fusedBias, isFusedNorm } from './fused-values.js';
import { followGraph, movedBy, reaches } from './graph-flow.js';
import { hasBias, isCopy, isOverdone, leavesFor, originals, type PlacedGraph, startsAfter } from './module-output.js';
import { modulePaths } from './module-path.js';
import { lineage, placeNodes } from './module-place.js';
import { kindOf, startsModule } from './site-kind.js';

/** A tensor inside the graph that may be a site. */
export interface Tappable {
  /** Path of the module whose output it is. */
  name: string;
  kind: SiteKind;
  layer: string;
  /** Name of the tensor. */
  value: string;
}

/** What the names in a graph say of its modules. */
export interface ModuleSurvey {
  tappable: Tappable[];
  /** Nodes that nothing names the module of. */
  unnamed: number;
  /** Innermost modules and blocks that nodes or weights name. */
  modules: string[];
}

/**
 * The tensors that leave a module: of every innermost module (so that a Linear's product and bias are one site, its final
 * output), and of every block. Which of them are one row of numbers for each token only a run can tell. A tensor is taken for
 * a module's output only where nothing else can be: where nodes without a path may be the rest of the module, it is none.
 */
export function surveyModules(graph: GraphProto, keyValueOutputs: ReadonlySet<string>): ModuleSurvey {
  const flow = followGraph(graph);
  const paths = modulePaths(graph);
  const places = placeNodes(flow, paths);
  const placed: PlacedGraph = { flow, places };

  const members = new Map<string, NodeProto[]>();
  for (const node of flow.order)
    for (const module of lineage(places.get(node)!.path)) {
      const held = members.get(module);
      if (held) held.push(node);
      else members.set(module, [node]);
    }
  const containers = new Set([...members.keys(), ...weightOwners(graph)].flatMap((path) => lineage(path).slice(0, -1)));
  const blocks = [...members.keys()].filter((path) => blockOf(path) === path && containers.has(path));
  const firstBlock = Math.min(...blocks.flatMap((path) => members.get(path)!.map((node) => flow.place.get(node)!)));

  const found: (Tappable & { at: number })[] = [];
  const norms = new Set<string>();
  // A rotary embedding's sines and cosines are the same for every prompt: no activations.
  const isRotary = (path: string) => members.get(path)!.some(({ opType }) => opType === 'Cos' || opType === 'Sin');
  const leaves = [...members.keys()].filter((path) => !containers.has(path) && !isRotary(path));
  for (const path of leaves) {
    const nodes = members.get(path)!;
    const kind = kindOf(path, nodes, flow.weights);
    for (const { value, node } of moduleOutputs(placed, path, nodes, kind, keyValueOutputs)) {
      if (kind === 'norm') norms.add(value);
      const whole = withFusedBias(placed, path, value, kind);
      const at = flow.place.get(node)!;
      if (whole) found.push({ name: path, kind, layer: layerOf(path, at < firstBlock), value: whole, at });
    }
  }
  for (const path of blocks) {
    const end = blockOutput(placed, path, members.get(path)!, norms, keyValueOutputs);
    const at = end && flow.place.get(end.node)!;
    if (end)
      found.push({ name: path, kind: 'block', layer: layerOf(path, at! < firstBlock), value: end.value, at: at! });
  }
  return {
    tappable: found.sort((a, b) => a.at - b.at).map(({ name, kind, layer, value }) => ({ name, kind, layer, value })),
    unnamed: graph.node.filter((node) => node.opType !== 'Constant' && paths.get(node) === undefined).length,
    modules: [...new Set([...leaves, ...weightOwners(graph), ...blocks])],
  };
}

/** The tensors that are certain to be what an innermost module gives. */
function moduleOutputs(
  placed: PlacedGraph,
  path: string,
  nodes: readonly NodeProto[],
  kind: SiteKind,
  keyValueOutputs: ReadonlySet<string>,
): { value: string; node: NodeProto }[] {
  const { flow } = placed;
  const inside = new Set(nodes);
  const computing = new Set(nodes.filter((node) => movedBy(node, flow.weights).length === 0));
  const leaving = nodes.flatMap((node) =>
    // Behind its first output a fused norm (SkipLayerNormalization) has the residual sum, which is not the norm's.
    (isFusedNorm(node) ? node.output.slice(0, 1) : node.output)
      .filter((value) => {
        if (value === '' || keyValueOutputs.has(value) || isOverdone(node)) return false;
        const readers = flow.readers(value);
        const goesOut = flow.outputs.has(value) || readers.some((reader) => !inside.has(reader));
        if (!goesOut || isCopy(placed, value, path)) return false;
        // What the module itself goes on with, in whatever way, is not what it gives.
        return !reaches(flow, readers, computing);
      })
      .map((value) => ({ value, node })),
  );
  const values = new Set(leaving.map(({ value }) => value));
  return leaving.filter(
    ({ value }) =>
      !originals(flow, value).some((name) => values.has(name)) &&
      leavesFor(placed, value, path, startsAfter(kind, flow, value)),
  );
}

/**
 * The tensor itself or, where a fused operator adds the module's own bias to it, the one with the bias. Undefined where the
 * bias that is added is not known to be the module's: then the module has no output to show.
 */
function withFusedBias({ flow }: PlacedGraph, path: string, value: string, kind: SiteKind): string | undefined {
  const biases = flow.readers(value).flatMap((reader) => fusedBias(reader) ?? []);
  if (biases.length === 0 || hasBias(flow, value) || !['linear', 'other'].includes(kind)) return value;
  return biases.every((bias) => bias === `${path}.bias`) ? biasedValue(value) : undefined;
}

/** The modules that weights are named after, onnxruntime-genai's `mlp.down_proj.MatMul.weight` without the operator. */
function weightOwners({ initializer }: GraphProto): string[] {
  return initializer.flatMap(({ name }) => {
    const path = /^([\w.]+)\.(?:weight|bias)\w*$/.exec(name ?? '')?.[1];
    if (path === undefined) return [];
    const last = path.slice(path.lastIndexOf('.') + 1);
    return [startsModule({ opType: last }) ? path.slice(0, -last.length - 1) : path];
  });
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

import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, relative, sep } from 'node:path';
import type { GraphProto, ModelProto, TensorProto } from '@galvani/onnx';
import { UserMistake } from '@galvani/terminal';
import type { AssembledModel } from '../session/assemble.js';
import { readFileBytes } from '../weights/ranged-file.js';

/** Where onnxruntime finds weights that a graph does not hold: in files of a folder, which it maps, or in memory. */
export type OutsideWeights = Pick<AssembledModel, 'externalData' | 'weightFolder'>;

/** An .onnx file as it was read. */
interface OnnxBytes {
  path: string;
  bytes: Uint8Array;
  /** The files beside it, by the names that its model uses. */
  beside: ReadonlyMap<string, string>;
}

/** Below this many bytes a weight stays in the graph, where onnxruntime can infer shapes from it. */
const inlineLimit = 1024;

/**
 * A graph with its large weights outside: those that stand in the file's own bytes too, so that nobody needs a copy. onnxruntime maps them from
 * one folder; where the files are links to several, they are read into memory.
 */
export async function weightsOutside(
  graph: GraphProto,
  { path, bytes, beside }: OnnxBytes,
): Promise<{ graph: GraphProto; weights: OutsideWeights }> {
  const place = await realpath(path);
  const folder = dirname(place);
  const mapped = new Map<string, string>();
  for (const [location, file] of beside) mapped.set(location, relative(folder, await realpath(file)));
  if ([...mapped.values()].every((name) => !isAbsolute(name) && name.split(sep)[0] !== '..')) {
    const nameOf = (location: string) => mapped.get(location)!.split(sep).join('/');
    return { graph: moved(graph, bytes, basename(place), nameOf), weights: { externalData: [], weightFolder: folder } };
  }
  const own = 'galvani:file';
  const externalData = [{ path: own, data: bytes }];
  for (const [location, file] of beside) externalData.push({ path: location, data: await readFileBytes(file) });
  return { graph: moved(graph, bytes, own, (location) => location), weights: { externalData } };
}

/** The graph with weights in the file's bytes named as the file's, and other files by other names. */
function moved(graph: GraphProto, bytes: Uint8Array, own: string, nameOf: (location: string) => string): GraphProto {
  const renamed = (tensor: TensorProto): TensorProto => {
    if (tensor.dataLocation !== 1) return tensor;
    const externalData = tensor.externalData!.map((entry) =>
      entry.key === 'location' ? { ...entry, value: nameOf(entry.value) } : entry,
    );
    return { ...tensor, externalData };
  };
  const outside = (tensor: TensorProto): TensorProto => {
    const { rawData } = tensor;
    if (!rawData || rawData.length <= inlineLimit || rawData.buffer !== bytes.buffer) return renamed(tensor);
    const offset = rawData.byteOffset - bytes.byteOffset;
    const entries = { location: own, offset: String(offset), length: String(rawData.length) };
    const externalData = Object.entries(entries).map(([key, value]) => ({ key, value }));
    return { ...tensor, rawData: undefined, dataLocation: 1, externalData };
  };
  const change = (part: GraphProto): GraphProto => ({
    ...part,
    initializer: part.initializer.map(outside),
    node: part.node.map((node) => ({
      ...node,
      attribute: node.attribute.map((each) => ({
        ...each,
        ...(each.t && { t: renamed(each.t) }),
        ...(each.tensors && { tensors: each.tensors.map(renamed) }),
        ...(each.g && { g: change(each.g) }),
        ...(each.graphs && { graphs: each.graphs.map(change) }),
      })),
    })),
  });
  return change(graph);
}

/** Names of a model's external data, sorted, each once. */
export function externalLocations(model: ModelProto, path: string): string[] {
  const outside = [...allTensors(model.graph)].filter((tensor) => tensor.dataLocation === 1);
  return [...new Set(outside.map((tensor) => locationOf(tensor, path)))].sort();
}

function locationOf(tensor: TensorProto, path: string): string {
  const location = tensor.externalData?.find(({ key }) => key === 'location')?.value ?? '';
  const parts = location.split('/');
  if (location === '' || /[\\\0:]/.test(location) || parts.some((part) => part === '..' || part === ''))
    throw new UserMistake(
      `${path}: the weights of ${JSON.stringify(tensor.name)} lie in ${JSON.stringify(location.slice(0, 200))}, which is not a file beside the model.`,
    );
  return location;
}

/** Every tensor that is written into a graph: its initializers and the values of its constants, subgraphs included. */
function* allTensors(graph: GraphProto): Generator<TensorProto> {
  yield* graph.initializer;
  for (const { attribute } of graph.node)
    for (const { t, tensors, g, graphs } of attribute) {
      if (t) yield t;
      yield* tensors ?? [];
      for (const inner of [...(g ? [g] : []), ...(graphs ?? [])]) yield* allTensors(inner);
    }
}

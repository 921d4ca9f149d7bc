import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, relative, sep } from 'node:path';
import type { GraphProto, ModelProto, TensorProto } from '@galvani/onnx';
import { UserMistake } from '@galvani/terminal';
import type { AssembledModel } from '../session/assemble.js';
import { type Ranged, readFileBytes } from '../weights/ranged-file.js';
import { externalPlace } from './external-place.js';

/** Where onnxruntime finds weights that a graph does not hold: in files of a folder, which it maps, or in memory. */
export type OutsideWeights = Pick<AssembledModel, 'externalData' | 'weightFolder'>;

/** An .onnx file as it was read. */
interface OnnxBytes {
  path: string;
  bytes: Uint8Array;
  /** The files beside it, by the names that its model uses. */
  beside: ReadonlyMap<string, string>;
  /** What small tensors hold that lie in these. */
  small: ReadonlyMap<TensorProto, Uint8Array>;
}

/** Below this many bytes a weight stays in the graph, where onnxruntime can infer shapes from it. */
const inlineLimit = 1024;

/**
 * A graph with its large weights outside: those that stand in the file's own bytes too, so that nobody needs a copy. onnxruntime maps them from
 * one folder; where the files are links to several, they are read into memory.
 */
export async function weightsOutside(
  graph: GraphProto,
  { path, bytes, beside, small }: OnnxBytes,
): Promise<{ graph: GraphProto; weights: OutsideWeights }> {
  const place = await realpath(path);
  const folder = dirname(place);
  const mapped = new Map<string, string>();
  for (const [location, file] of beside) mapped.set(location, relative(folder, await realpath(file)));
  if ([...mapped.values()].every((name) => !isAbsolute(name) && name.split(sep)[0] !== '..')) {
    const nameOf = (location: string) => mapped.get(location)!.split(sep).join('/');
    return {
      graph: moved(graph, bytes, small, basename(place), nameOf),
      weights: { externalData: [], weightFolder: folder },
    };
  }
  const own = 'galvani:file';
  const externalData = [{ path: own, data: bytes }];
  for (const [location, file] of beside) externalData.push({ path: location, data: await readFileBytes(file) });
  return { graph: moved(graph, bytes, small, own, (location) => location), weights: { externalData } };
}

/** The graph with small tensors in it, weights in the file's bytes named as the file's, and other files by other names. */
function moved(
  graph: GraphProto,
  bytes: Uint8Array,
  small: ReadonlyMap<TensorProto, Uint8Array>,
  own: string,
  nameOf: (location: string) => string,
): GraphProto {
  const renamed = (tensor: TensorProto): TensorProto => {
    if (tensor.dataLocation !== 1) return tensor;
    const rawData = small.get(tensor);
    if (rawData) return { ...tensor, rawData, externalData: undefined, dataLocation: undefined };
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

/** A model's tensors that lie in files beside it, by the names of these, which are sorted. */
export function externalTensors(model: ModelProto, path: string): Map<string, TensorProto[]> {
  const byFile = new Map<string, TensorProto[]>();
  for (const tensor of allTensors(model.graph)) {
    if (tensor.dataLocation !== 1) continue;
    const location = locationOf(tensor, path);
    if (!byFile.has(location)) byFile.set(location, []);
    byFile.get(location)!.push(tensor);
  }
  return new Map([...byFile].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * What a model's small tensors hold that lie in a file, such as shapes, which onnxruntime wants in the graph.
 *
 * @param model path of the .onnx file
 * @throws UserMistake if the file ends before its last tensor does, or an entry says no place in it
 */
export async function readSmall(
  file: Ranged,
  tensors: readonly TensorProto[],
  model: string,
): Promise<Map<TensorProto, Uint8Array>> {
  const found = new Map<TensorProto, Uint8Array>();
  let needed = 0;
  for (const tensor of tensors) {
    const { offset, length } = externalPlace(tensor, model, file.size);
    needed = Math.max(needed, offset + length);
    if (length > inlineLimit || needed > file.size) continue;
    const bytes = new Uint8Array(length);
    await file.read(offset, bytes);
    found.set(tensor, bytes);
  }
  if (needed > file.size)
    throw new UserMistake(
      `${file.path} has ${file.size} bytes, and its .onnx file says that there are at least ${needed}: it is cut short, or of another export. Copy or download both again.`,
    );
  return found;
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

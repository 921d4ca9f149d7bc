import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { decodeModel, type GraphProto, type ModelProto, type TensorProto } from '@galvani/onnx';
import { UserMistake } from '@galvani/terminal';
import { openRanged } from '../weights/ranged-file.js';

/** Somebody else's .onnx file and the files beside it that hold its weights. */
export interface OnnxFile {
  path: string;
  bytes: Uint8Array;
  model: ModelProto;
  /** As onnxruntime takes them: by the names that the model uses. */
  externalData: { path: string; data: Uint8Array }[];
  /** SHA-256 in hex over all of these bytes. */
  digest: string;
}

/** Largest file that is held in memory: Node's largest buffer. */
const largest = 2 ** 32 - 1;

/** Reads an .onnx file and its external data. */
export async function readOnnxFile(path: string): Promise<OnnxFile> {
  if (await isFolder(path)) throw new UserMistake(`${path} is a folder, and an .onnx file was expected.`);
  const bytes = await readWhole(path);
  const model = decodeModel(bytes, path);
  const hash = createHash('sha256').update(bytes);
  const externalData: OnnxFile['externalData'] = [];
  for (const location of externalLocations(model, path)) {
    const data = await readWhole(join(dirname(path), location));
    hash.update(data);
    externalData.push({ path: location, data });
  }
  return { path, bytes, model, externalData, digest: hash.digest('hex') };
}

/** An .onnx file and the files of its external data. */
export async function onnxFiles(path: string): Promise<string[]> {
  const model = decodeModel(await readWhole(path), path);
  return [path, ...externalLocations(model, path).map((location) => join(dirname(path), location))];
}

/** Names of external data, sorted, each once. */
function externalLocations(model: ModelProto, path: string): string[] {
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

async function readWhole(path: string): Promise<Uint8Array> {
  const file = await openRanged(path);
  try {
    if (file.size > largest)
      throw new UserMistake(`${basename(path)} has ${file.size} bytes, and at most ${largest} are held in memory.`);
    const bytes = Buffer.allocUnsafeSlow(file.size);
    await file.read(0, bytes);
    return bytes;
  } finally {
    await file.close();
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

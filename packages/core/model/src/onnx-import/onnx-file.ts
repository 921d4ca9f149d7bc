import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { decodeModel, encodeModel, type ModelProto, type TensorProto } from '@galvani/onnx';
import { UserMistake } from '@galvani/terminal';
import { openRanged, readFileBytes } from '../weights/ranged-file.js';
import { externalTensors, type OutsideWeights, readSmall, weightsOutside } from './outside-weights.js';

/** Somebody else's .onnx file and the files beside it that hold its weights. */
export interface OnnxFile {
  path: string;
  /** Itself, and the files of its external data. */
  files: string[];
  /** Its model. Large weights lie outside, those of the file itself too. */
  model: ModelProto;
  /** Where they lie, as onnxruntime takes them. */
  weights: OutsideWeights;
}

/** Reads an .onnx file. Its weights stay where they are, unless its files lie in folders of which none holds all. */
export async function readOnnxFile(path: string): Promise<OnnxFile> {
  if (await isFolder(path)) throw new UserMistake(`${path} is a folder, and an .onnx file was expected.`);
  const bytes = await readFileBytes(path);
  const model = decodeModel(bytes, path);
  const beside = new Map<string, string>();
  const small = new Map<TensorProto, Uint8Array>();
  for (const [location, tensors] of externalTensors(model, path)) {
    const file = await openRanged(join(dirname(path), location));
    try {
      for (const [tensor, held] of await readSmall(file, tensors, path)) small.set(tensor, held);
    } finally {
      await file.close();
    }
    beside.set(location, file.path);
  }
  const { graph, weights } = await weightsOutside(model.graph, { path, bytes, beside, small });
  // Parts of the file's bytes that the model still holds would keep all of them in memory.
  const own = decodeModel(encodeModel({ ...model, graph }), path);
  return { path, files: [path, ...beside.values()], model: own, weights };
}

/** An .onnx file and the files of its external data. */
export async function onnxFiles(path: string): Promise<string[]> {
  const model = decodeModel(await readFileBytes(path), path);
  return [path, ...[...externalTensors(model, path).keys()].map((location) => join(dirname(path), location))];
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

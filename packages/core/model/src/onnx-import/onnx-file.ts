import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { decodeModel, encodeModel, type ModelProto } from '@galvani/onnx';
import { UserMistake } from '@galvani/terminal';
import { openRanged, readFileBytes } from '../weights/ranged-file.js';
import { externalLocations, type OutsideWeights, weightsOutside } from './outside-weights.js';

/** Somebody else's .onnx file and the files beside it that hold its weights. */
export interface OnnxFile {
  path: string;
  /** Itself, and the files of its external data. */
  files: string[];
  /** Its model. Large weights lie outside, those of the file itself too. */
  model: ModelProto;
  /** Where they lie, as onnxruntime takes them. */
  weights: OutsideWeights;
  /** SHA-256 in hex over the bytes of all files. */
  digest: string;
}

/** Reads an .onnx file. Its weights stay where they are, unless its files lie in folders of which none holds all. */
export async function readOnnxFile(path: string): Promise<OnnxFile> {
  if (await isFolder(path)) throw new UserMistake(`${path} is a folder, and an .onnx file was expected.`);
  const bytes = await readFileBytes(path);
  const model = decodeModel(bytes, path);
  const hash = createHash('sha256').update(bytes);
  const beside = new Map<string, string>();
  for (const location of externalLocations(model, path)) {
    const file = join(dirname(path), location);
    await eachPart(file, (part) => hash.update(part));
    beside.set(location, file);
  }
  const { graph, weights } = await weightsOutside(model.graph, { path, bytes, beside });
  // Parts of the file's bytes that the model still holds would keep all of them in memory.
  const own = decodeModel(encodeModel({ ...model, graph }), path);
  return { path, files: [path, ...beside.values()], model: own, weights, digest: hash.digest('hex') };
}

/** An .onnx file and the files of its external data. */
export async function onnxFiles(path: string): Promise<string[]> {
  const model = decodeModel(await readFileBytes(path), path);
  return [path, ...externalLocations(model, path).map((location) => join(dirname(path), location))];
}

/** Bytes that are hashed at once. */
const stride = 16 << 20;

/** Goes through a file's bytes. A part is valid until the next. */
async function eachPart(path: string, take: (part: Uint8Array) => void): Promise<void> {
  const file = await openRanged(path);
  try {
    const part = Buffer.allocUnsafe(Math.min(stride, file.size));
    for (let from = 0; from < file.size; from += part.length) {
      const own = part.subarray(0, Math.min(part.length, file.size - from));
      await file.read(from, own);
      take(own);
    }
  } finally {
    await file.close();
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

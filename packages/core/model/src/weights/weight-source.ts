import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UserMistake } from '@galvani/terminal';
import { openSafetensors } from './safetensors.js';
import { readShardIndex } from './shard-index.js';
import { type HashOf, hashFiles, type TensorFile } from './tensor-file.js';
import {
  locateNumbers,
  type NumbersInFile,
  readTensor,
  readTensorBytes,
  type StoredTensor,
  sameNumbers,
} from './tensor-read.js';
import { openTorchArchive } from './torch-archive.js';

/** A checkpoint's tensors, read one at a time: opening reads names and shapes only. */
export interface WeightSource {
  /** Every tensor's name as the checkpoint spells it, sorted. */
  names(): string[];
  /** Dimensions; a scalar has none. */
  shape(name: string): number[];
  /** `F64`, `F32`, `F16`, `BF16`, `I64`, `I32`, `I16`, `I8`, `U8`, `BOOL`…: safetensors' spelling. */
  dtype(name: string): string;
  /** The tensor in row-major order; F64, F16 and BF16 are converted. A NaN or infinite weight is a `UserMistake`. */
  readFloat32(name: string): Promise<Float32Array>;
  /** The tensor's bytes as they are stored, row-major, in any format. */
  readBytes(name: string): Promise<Uint8Array>;
  /**
   * Where a tensor of float32, float16 or bfloat16 lies in its file, row-major, to be used there without a copy; undefined for any other. Looks at
   * every number: a NaN or infinite weight is a `UserMistake`.
   */
  locateNumbers(name: string): Promise<NumbersInFile | undefined>;
  /** Whether two tensors have the same shape and numbers, however these are stored. */
  sameNumbers(one: string, other: string): Promise<boolean>;
  /** Where the numbers lie: names with the same place are one tensor that the checkpoint shares (tied embeddings). */
  place(name: string): string;
  /** The files that hold the tensors. */
  files: string[];
  /** SHA-256 in hex: of the one file, or of the shards' hashes in sorted order, so that renaming a shard changes nothing. */
  digest(hashOf?: HashOf): Promise<string>;
  /** Closes the files. */
  close(): Promise<void>;
}

type Opener = (path: string) => Promise<TensorFile>;

/** File names of a checkpoint in order of preference. */
const layouts: { file: string; open: Opener }[] = [
  { file: 'model.safetensors', open: openSafetensors },
  { file: 'pytorch_model.bin', open: openTorchArchive },
];

/** Opens the checkpoint in a model's folder (safetensors if there, else pytorch_model.bin; whole or in shards), or one file. */
export async function openWeights(folder: string): Promise<WeightSource> {
  const about = await stat(folder).catch(() => undefined);
  if (!about) throw new UserMistake(`${folder} does not exist, and a folder with a model's files was expected.`);
  if (!about.isDirectory()) {
    const name = basename(folder);
    const layout = layouts.find(({ file }) => name.endsWith(file.slice(file.lastIndexOf('.'))));
    if (layout) return joinFiles([await layout.open(folder)]);
    throw new UserMistake(`${folder} is neither a folder nor a .safetensors or .bin file.`);
  }
  for (const { file, open } of layouts) {
    const whole = join(folder, file);
    if (await isThere(whole)) return joinFiles([await open(whole)]);
    const index = `${whole}.index.json`;
    if (await isThere(index)) return joinFiles(await openShards(index, open));
  }
  const exported = ['model.onnx', 'onnx/model.onnx'].map((file) => join(folder, file));
  const there = await Promise.all(exported.map(isThere));
  const advice = there.includes(true)
    ? ` It holds an ONNX file, which is named itself: ${exported[there.indexOf(true)]}.`
    : '';
  throw new UserMistake(
    `${folder} holds no weights: ${layouts.map(({ file }) => file).join(' or ')} was expected, or its .index.json with shards.${advice}`,
  );
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

async function openShards(index: string, open: Opener): Promise<TensorFile[]> {
  const files: TensorFile[] = [];
  try {
    for (const [path, names] of await readShardIndex(index)) {
      const file = await open(path);
      files.push(file);
      const missing = names.find((name) => !file.tensors.has(name));
      if (missing !== undefined)
        throw new UserMistake(
          `${index} says that ${basename(path)} holds the tensor ${JSON.stringify(missing)}, and it does not.`,
        );
    }
    return files;
  } catch (error) {
    for (const file of files) await file.close();
    throw error;
  }
}

async function joinFiles(files: TensorFile[]): Promise<WeightSource> {
  const close = async () => {
    for (const file of files) await file.close();
  };
  const tensors = new Map<string, StoredTensor>();
  for (const file of files)
    for (const [name, tensor] of file.tensors) {
      const other = tensors.get(name);
      if (other) {
        await close();
        throw new UserMistake(
          `the tensor ${JSON.stringify(name)} stands in ${other.bytes.path} and in ${tensor.bytes.path}.`,
        );
      }
      tensors.set(name, tensor);
    }
  const find = (name: string) => {
    const tensor = tensors.get(name);
    if (!tensor) throw new UserMistake(`${files[0].path} has no tensor ${JSON.stringify(name)}.`);
    return tensor;
  };
  const place = (name: string) => {
    const { bytes, start, shape, strides, dtype } = find(name);
    return [bytes.path, start, dtype, shape.join(), strides?.join() ?? ''].join('|');
  };
  let digest: Promise<string> | undefined;
  return {
    names: () => [...tensors.keys()].sort(),
    shape: (name) => [...find(name).shape],
    dtype: (name) => find(name).dtype,
    readFloat32: async (name) => readTensor(name, find(name)),
    readBytes: async (name) => readTensorBytes(find(name)),
    locateNumbers: async (name) => locateNumbers(name, find(name)),
    place,
    sameNumbers: async (one, other) =>
      place(one) === place(other) || sameNumbers([one, find(one)], [other, find(other)]),
    files: files.map(({ path }) => path),
    digest: (hashOf) =>
      (digest ??= hashFiles(
        files.map(({ path }) => path),
        hashOf,
      )),
    close,
  };
}

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { generationConfig } from './end-tokens.js';
import { isOnnxFile, modelFolders } from './model-files.js';
import { companionNames } from './onnx-import/companions.js';
import { onnxFiles } from './onnx-import/onnx-file.js';
import { tokenizerFiles } from './tokenizer/tokenizer.js';
import { openWeights } from './weights/weight-source.js';

/** The files that decide a model's digest and are there: config, weights, tokenizer. */
export async function subjectFiles(path: string): Promise<string[]> {
  const beside = modelFolders(path).flatMap((folder) =>
    [...(isOnnxFile(path) ? companionNames : ['config.json', generationConfig]), ...tokenizerFiles].map((name) =>
      join(folder, name),
    ),
  );
  const there = await Promise.all(beside.map((file) => stat(file).catch(() => undefined)));
  return [...beside.filter((_, i) => there[i]?.isFile()), ...(await weightFiles(path))];
}

/** Bytes of an .onnx file with its weights, which is run to tell its sites; undefined of a checkpoint, which tells them unloaded. */
export async function openingBytes(path: string): Promise<number | undefined> {
  if (!isOnnxFile(path)) return undefined;
  const sizes = await Promise.all((await onnxFiles(path)).map(async (file) => (await stat(file)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** The files of a model's weights; of an .onnx file itself and those of its external data. */
export async function weightFiles(path: string): Promise<string[]> {
  if (isOnnxFile(path)) return onnxFiles(path);
  const source = await openWeights(path);
  await source.close();
  return source.files;
}

import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readWholeFileIfThere } from '@galvani/terminal';
import { largestTokenizer, openTokenizer, type Tokenizer, tokenizerFiles } from './tokenizer/tokenizer.js';

/** Whether a path names an ONNX file rather than a folder with a checkpoint. */
export const isOnnxFile = (path: string) => /\.onnx$/i.test(path);

/**
 * The folders that a model's files lie in, the nearest first: a checkpoint's own; an .onnx file's and, where that is called
 * `onnx` as onnx-community has it, the folder above.
 */
export function modelFolders(path: string): string[] {
  if (!isOnnxFile(path)) return [path];
  const folder = dirname(path);
  return basename(folder) === 'onnx' ? [folder, dirname(folder)] : [folder];
}

/** A file of the model by its name: the nearest. */
export async function readModelFile(path: string, name: string): Promise<Uint8Array | undefined> {
  for (const folder of modelFolders(path)) {
    const bytes = await readWholeFileIfThere(join(folder, name), { largest: largestTokenizer });
    if (bytes) return bytes;
  }
  return undefined;
}

/** The model's tokenizer, all of whose files lie in one folder: the nearest that has one. Undefined if there is none. */
export async function openModelTokenizer(path: string): Promise<Tokenizer | undefined> {
  for (const folder of modelFolders(path)) {
    const tokenizer = await openTokenizer(folder);
    if (tokenizer) return tokenizer;
  }
  return undefined;
}

/** Everything that may decide the tokenizer, as name and bytes, in a fixed order: for the model's digest. */
export async function readTokenizerFiles(path: string): Promise<{ name: string; bytes: Uint8Array }[]> {
  const found: { name: string; bytes: Uint8Array }[] = [];
  for (const [f, folder] of modelFolders(path).entries())
    for (const file of tokenizerFiles) {
      const bytes = await readWholeFileIfThere(join(folder, file), { largest: largestTokenizer });
      if (bytes) found.push({ name: f === 0 ? file : `../${file}`, bytes });
    }
  return found;
}

/** The files that may decide the tokenizer and are there. */
export async function tokenizerPaths(path: string): Promise<string[]> {
  const all = modelFolders(path).flatMap((folder) => tokenizerFiles.map((name) => join(folder, name)));
  const there = await Promise.all(all.map((file) => stat(file).catch(() => undefined)));
  return all.filter((_, i) => there[i]?.isFile());
}

import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Name, size and time of every file at a path, a line each. Of an .onnx file those of every file beside it and, where its folder is called
 * `onnx`, in the folder above. Contents may be many gigabytes and are not read.
 *
 * @param {string} path
 * @returns {string}
 */
export function pathFingerprint(path) {
  const isModelFile = /\.onnx$/i.test(path) && statSync(path, { throwIfNoEntry: false });
  return (isModelFile ? filesBeside(path) : filesAt(path)).join('\n');
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesAt(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return [`${path} missing`];
  if (!found.isDirectory()) return [`${path} ${found.size} ${found.mtimeMs}`];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesAt(join(path, name)));
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesBeside(path) {
  const folder = dirname(path);
  const folders = basename(folder) === 'onnx' ? [folder, dirname(folder)] : [folder];
  return folders.flatMap((each) =>
    readdirSync(each)
      .sort()
      .map((name) => join(each, name))
      .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile())
      .flatMap(filesAt),
  );
}

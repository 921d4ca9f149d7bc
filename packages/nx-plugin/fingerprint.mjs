/**
 * `node fingerprint.mjs PATH` prints name, size and time of every file at PATH: what a task depends on where Nx hashes no
 * content, because the files lie outside the workspace or are ignored by git. Contents may be many gigabytes. Of an .onnx file
 * it prints every file beside it and, where its folder is called `onnx`, in the folder above.
 */
import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * @param {string} path
 * @returns {string[]}
 */
function fingerprint(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return [`${path} missing`];
  if (!found.isDirectory()) return [`${path} ${found.size} ${found.mtimeMs}`];
  return readdirSync(path)
    .sort()
    .flatMap((name) => fingerprint(join(path, name)));
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function fingerprintBeside(path) {
  const folder = dirname(path);
  const folders = basename(folder) === 'onnx' ? [folder, dirname(folder)] : [folder];
  return folders.flatMap((each) =>
    readdirSync(each)
      .sort()
      .map((name) => join(each, name))
      .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile())
      .flatMap(fingerprint),
  );
}

const path = process.argv[2] ?? '.';
const isModelFile = /\.onnx$/i.test(path) && statSync(path, { throwIfNoEntry: false });
console.log((isModelFile ? fingerprintBeside(path) : fingerprint(path)).join('\n'));

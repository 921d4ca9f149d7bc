/**
 * `node fingerprint.mjs PATH` prints name, size and time of every file at PATH: what a task depends on where Nx hashes no
 * content, because the files lie outside the workspace or are ignored by git. Contents may be many gigabytes.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

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

console.log(fingerprint(process.argv[2] ?? '.').join('\n'));

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** SHA-256 of every file below a folder, those included that commands at work put there and take away. */
export function sums(root) {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)).sort();
  const digest = (path) =>
    createHash('sha256')
      .update(readFileSync(join(root, path)))
      .digest('hex');
  return new Map(paths.map((path) => [path, digest(path)]));
}

/** What of a finished study is not as in the undisturbed run, whose sums these are, or left over. */
export function differences(reference, out) {
  const found = sums(out);
  return [...new Set([...reference.keys(), ...found.keys()])]
    .filter((path) => found.get(path) !== reference.get(path))
    .map((path) => `${path} ${!found.has(path) ? 'is missing' : reference.has(path) ? 'differs' : 'is left over'}`);
}

/** That a command ended otherwise than well, with the last that it said. */
export function failure({ code, output }) {
  return code === 0 ? [] : [`exit code ${code}: ${output.trim().split('\n').at(-1)}`];
}

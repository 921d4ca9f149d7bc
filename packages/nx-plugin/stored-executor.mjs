/**
 * A stage that works run by run, over all runs, whose files lie in the store: Nx keeps the manifests of its runs alone. Files that
 * are not beside their manifest as it lists them are linked from the store, and what is nowhere is made again.
 *
 * Whether that has to be done decides Nx's own process, while it computes the task's hash: where every file is there, the hash is one
 * that is in the cache, since the task is then done, and else one that nothing can have.
 */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runStage } from './stage-process.mjs';
import { workspaceOf } from './workspace.mjs';

/** @typedef {import('./stage-process.mjs').RunsOptions} RunsOptions */

/**
 * @param {RunsOptions} options
 * @param {{ root: string }} context
 */
export default async function run(options, { root }) {
  if (areThere(options, root)) return { success: true };
  const { code } = await runStage(options, root, 'inherit');
  return { success: code === 0 };
}

/**
 * @param {{ target: { project: string, target: string } }} task
 * @param {{ projectsConfigurations: { projects: Record<string, { targets?: Record<string, { options?: any }> }> } }} context
 * @returns {import('nx/src/devkit-exports.js').Hash}
 */
export function hash({ target: { project, target } }, { projectsConfigurations: { projects } }) {
  /** @type {RunsOptions} */
  const options = projects[project].targets?.[target].options;
  const there = areThere(options, workspaceOf(process.cwd()));
  const value = createHash('sha256')
    .update(there ? JSON.stringify([project, target]) : randomUUID())
    .digest('hex');
  return { value, details: { command: '', nodes: {} } };
}

/**
 * Whether every file of every run is as its manifest lists it, and every run in the store too. Where that would take reading a file,
 * it is not.
 * @param {RunsOptions} options
 * @param {string} root the workspace
 */
export function areThere({ study, stage, runs }, root) {
  const store = process.env.GALVANI_STORE ? resolve(root, process.env.GALVANI_STORE) : join(root, 'data/cache/extract');
  try {
    return runs.every((run) => isThere(resolve(root, study, stage, run), root, store));
  } catch {
    return false;
  }
}

/**
 * @param {string} folder of the run
 * @param {string} root
 * @param {string} store
 */
function isThere(folder, root, store) {
  const { outputs, parameters } = readJson(join(folder, 'manifest.json'));
  const files = Object.entries(outputs);
  // Without a model to record there is no recording.
  if (files.length === 0) return true;
  const verified = join(root, 'data/cache/verified', `${createHash('sha256').update(folder).digest('hex')}.json`);
  const known = readJson(verified).files;
  return (
    existsSync(join(store, parameters.key)) &&
    files.every(([file, { sha256, xxh3 }]) => {
      const { digest, state } = known[file];
      return digest === (xxh3 === undefined ? sha256 : `xxh3:${xxh3}`) && state === stateOf(join(folder, file));
    })
  );
}

/**
 * As @galvani/artifact remembers it of files that it has verified.
 * @param {string} path
 */
function stateOf(path) {
  const { size, mtimeNs, ctimeNs, ino } = statSync(path, { bigint: true });
  return [size, mtimeNs, ctimeNs, ino].join(' ');
}

/** @param {string} path */
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

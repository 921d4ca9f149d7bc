/**
 * Builds the workspace's packages, all with one command, which knows what it has to build. Nx keeps nothing of it: what
 * is built stays where it is. Whether anything has to be done is seen from names, sizes and times of sources and of what the compiler
 * notes beside its output, while Nx computes the task's hash: where nothing has changed since the last build, the hash is that
 * build's, which is in the cache, and else one that nothing can have.
 */
import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { workspaceOf } from './workspace.mjs';

/**
 * @param {{ command: string }} options the command that builds
 * @param {{ root: string }} context
 */
export default async function build({ command }, { root }) {
  const [code] = await once(spawn(command, { cwd: root, stdio: 'inherit', shell: true }), 'close');
  if (code !== 0) return { success: false };
  mkdirSync(dirname(noteOf(root)), { recursive: true });
  writeFileSync(noteOf(root), JSON.stringify({ state: stateOf(root), hash: process.env.NX_TASK_HASH ?? randomUUID() }));
  return { success: true };
}

/** @returns {import('nx/src/devkit-exports.js').Hash} */
export function hash() {
  const value = lastBuild(workspaceOf(process.cwd())) ?? createHash('sha256').update(randomUUID()).digest('hex');
  return { value, details: { command: '', nodes: {} } };
}

/**
 * The hash of the task that built last; undefined where something has changed since.
 * @param {string} root
 * @returns {string | undefined}
 */
export function lastBuild(root) {
  try {
    const { state, hash } = JSON.parse(readFileSync(noteOf(root), 'utf8'));
    return state === stateOf(root) ? hash : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} root */
const noteOf = (root) => join(root, '.nx/built');

const families = ['packages/core', 'packages/stages', 'packages', 'apps'];

/**
 * Names, sizes and times of all that is built of the workspace, of what the compiler notes of each package's output, and of the viewer's page.
 * @param {string} root
 */
function stateOf(root) {
  const digest = createHash('sha256');
  /** @param {string} path relative to the workspace */
  const add = (path) => {
    const found = statSync(join(root, path), { throwIfNoEntry: false });
    if (found?.isFile()) digest.update(`${path} ${found.size} ${found.mtimeMs}\n`);
  };
  /** @param {string} folder */
  const addAll = (folder) => {
    for (const entry of entriesOf(join(root, folder)))
      if (entry.isDirectory()) addAll(`${folder}/${entry.name}`);
      else add(`${folder}/${entry.name}`);
  };
  for (const file of ['tsconfig.json', 'tsconfig.base.json', 'package-lock.json']) add(file);
  for (const family of families)
    for (const { name } of entriesOf(join(root, family))) {
      for (const file of [
        'package.json',
        'tsconfig.json',
        'dist/.tsbuildinfo',
        'bundle/galvani.js',
        'index.html',
        'vite.config.mjs',
      ])
        add(`${family}/${name}/${file}`);
      addAll(`${family}/${name}/src`);
      addAll(`${family}/${name}/page`);
    }
  return digest.digest('hex');
}

/** @param {string} folder */
function entriesOf(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

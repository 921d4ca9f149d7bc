import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What a stage runs: its own package, the workspace packages below it, and what all of them take from npm.
 * @typedef {object} StagePackage
 * @property {string} name `@galvani/glm`
 * @property {string} folder `packages/stages/glm`
 * @property {string[]} built folders of the workspace packages that it uses and that have to be built, itself included
 * @property {string[]} unbuilt folders of those that run as they are written
 * @property {string[]} external npm packages that these use
 *
 * @typedef {object} StagePackages
 * @property {string[]} workspaceNames
 * @property {(name: string) => StagePackage} of
 */

const families = ['packages/core', 'packages/stages', 'packages', 'apps'];

/**
 * Reads every package.json of the workspace.
 * @param {string} root
 * @returns {StagePackages}
 */
export function stagePackages(root) {
  /** @type {Map<string, { folder: string, dependencies: string[], unbuilt: boolean }>} */
  const found = new Map();
  for (const family of families)
    for (const entry of folders(join(root, family))) {
      const manifest = readManifest(join(root, family, entry, 'package.json'));
      if (manifest?.name)
        found.set(manifest.name, {
          folder: `${family}/${entry}`,
          dependencies: Object.keys(manifest.dependencies ?? {}),
          unbuilt: /^\.\/src\//.test(manifest.exports?.['.']?.default ?? ''),
        });
    }
  return {
    workspaceNames: [...found.keys()],
    of(name) {
      const used = new Set([name]);
      const external = new Set();
      for (const each of used)
        for (const dependency of found.get(each)?.dependencies ?? [])
          (found.has(dependency) ? used : external).add(dependency);
      const folderOf = (/** @type {string} */ each) => found.get(each)?.folder ?? each;
      const foldersUsed = (/** @type {boolean} */ unbuilt) =>
        [...used]
          .filter((each) => (found.get(each)?.unbuilt ?? false) === unbuilt)
          .map(folderOf)
          .sort();
      const [built, asWritten] = [foldersUsed(false), foldersUsed(true)];
      return { name, folder: folderOf(name), built, unbuilt: asWritten, external: [...external].sort() };
    },
  };
}

/** @param {string} path */
function folders(path) {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}

/**
 * @param {string} path
 * @returns {{ name?: string, dependencies?: Record<string, string>, exports?: Record<string, { default: string }> } | undefined}
 */
function readManifest(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

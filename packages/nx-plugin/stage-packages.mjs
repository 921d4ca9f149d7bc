import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What a stage runs: its own package, the workspace packages below it, and what all of them take from npm.
 * @typedef {object} StagePackage
 * @property {string} name `@galvani/glm`
 * @property {string[]} folders of the workspace packages that it uses, itself included
 * @property {string[]} external npm packages that these use
 *
 * @typedef {object} StagePackages
 * @property {string[]} workspaceNames
 * @property {string | undefined} builder the project whose target `build` builds them; undefined where there is nothing to build
 * @property {(name: string) => StagePackage} of
 * @property {string} command the folder of the command, with the stages' processes, relative to the workspace
 */

const families = ['packages/core', 'packages/stages', 'packages', 'apps'];

/**
 * Reads every package.json of the workspace.
 * @param {string} root
 * @returns {StagePackages}
 */
export function stagePackages(root) {
  /** @type {Map<string, { folder: string, dependencies: string[] }>} */
  const found = new Map();
  for (const family of families)
    for (const entry of folders(join(root, family))) {
      const manifest = readManifest(join(root, family, entry, 'package.json'));
      if (manifest?.name)
        found.set(manifest.name, {
          folder: `${family}/${entry}`,
          dependencies: Object.keys(manifest.dependencies ?? {}),
        });
    }
  const own = readManifest(join(root, 'package.json'));
  /** @type {Map<string, StagePackage>} */
  const known = new Map();
  return {
    workspaceNames: [...found.keys()],
    command: found.get('galvani')?.folder ?? 'node_modules/galvani',
    builder: own?.nx?.targets?.build === undefined ? undefined : own.name,
    of(name) {
      const before = known.get(name);
      if (before) return before;
      const used = new Set(found.has(name) ? [name] : []);
      // Where galvani is installed, its version stands for all of its code and for what that takes from npm.
      const external = new Set(found.has(name) ? [] : ['galvani']);
      for (const each of used)
        for (const dependency of found.get(each)?.dependencies ?? [])
          (found.has(dependency) ? used : external).add(dependency);
      const folders = [...used].map((each) => found.get(each)?.folder ?? each).sort();
      const code = { name, folders, external: [...external].sort() };
      known.set(name, code);
      return code;
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
 * @returns {{ name?: string, dependencies?: Record<string, string>, nx?: { targets?: Record<string, unknown> } } | undefined}
 */
function readManifest(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isBundled } from '../scripts/workspace-links.mjs';

/** The workspace. */
export const home = fileURLToPath(new URL('../', import.meta.url));

/** A package of the workspace with its sources. */
export interface Package {
  name: string;
  /** `packages/core/study`, relative to the workspace. */
  folder: string;
  family: 'core' | 'stages' | 'apps' | 'plugin';
  dependencies: string[];
  /** Whether it is a page, which nobody imports. */
  page: boolean;
  sources: Source[];
}

export interface Source {
  /** Relative to the package. */
  path: string;
  text: string;
  /** What it imports or re-exports, types included. */
  imports: string[];
}

const families = { 'packages/core': 'core', 'packages/stages': 'stages', packages: 'plugin', apps: 'apps' } as const;

/** Every package of the workspace. */
export function readPackages(): Package[] {
  return Object.entries(families).flatMap(([parent, family]) =>
    readdirSync(join(home, parent))
      .map((name) => `${parent}/${name}`)
      .filter((folder) => existsSync(join(home, folder, 'package.json')))
      .map((folder) => readPackage(folder, family)),
  );
}

function readPackage(folder: string, family: Package['family']): Package {
  const manifest = readJson(join(folder, 'package.json'));
  return {
    name: manifest.name,
    folder,
    family,
    dependencies: Object.keys({ ...manifest.dependencies, ...(isBundled(manifest) && manifest.devDependencies) }),
    page: isBundled(manifest),
    sources: sourcePaths(folder).map((path) => {
      const text = readFileSync(join(home, folder, path), 'utf8');
      return { path, text, imports: importsOf(text) };
    }),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: package.json and tsconfig.json have many fields.
function readJson(path: string): any {
  return JSON.parse(readFileSync(join(home, path), 'utf8'));
}

/** Sources lie in src; the plugin, which is not built, has them beside its package.json. */
function sourcePaths(folder: string): string[] {
  const inSrc = existsSync(join(home, folder, 'src'));
  return readdirSync(join(home, folder, inSrc ? 'src' : ''), { recursive: inSrc, encoding: 'utf8' })
    .filter((path) => /\.(ts|tsx|mts|mjs|js)$/.test(path))
    .map((path) => (inSrc ? `src/${path}` : path))
    .sort();
}

/** Specifiers of static imports, re-exports, dynamic imports and of what is resolved; comments do not count. */
export function importsOf(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const patterns = [
    /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^\s*import\s*['"]([^'"]+)['"]/gm,
    /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g,
    /\bimport\.meta\.resolve\(\s*['"]([^'"]+)['"]\s*\)/g,
  ];
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1]));
}

/**
 * What follows from other files of the workspace and is written down again all the same, since npm and the compiler want it so:
 * the command's dependencies on stages follow from the table of stages, a package's references in tsconfig.json from its
 * dependencies, the workspace's from its packages; version, licence, engines and repository of a package are the workspace's.
 *
 * `npm run links` writes all of it; `npm test` fails where it was not run.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path/posix';
import { fileURLToPath } from 'node:url';
import { stageTable } from '@galvani/pipeline';

const home = fileURLToPath(new URL('../', import.meta.url));
const families = ['packages/core', 'packages/stages', 'packages', 'apps'];

/** @param {string} path */
const read = (path) => JSON.parse(readFileSync(join(home, path), 'utf8'));

/**
 * What these files should hold.
 * @returns {Map<string, object | string>} content by path in the workspace: of JSON, or text
 */
export function workspaceLinks() {
  const folders = families.flatMap((family) =>
    readdirSync(join(home, family))
      .map((name) => `${family}/${name}`)
      .filter((folder) => existsSync(join(home, folder, 'package.json'))),
  );
  const manifests = new Map(folders.map((folder) => [folder, read(`${folder}/package.json`)]));
  const folderOf = new Map([...manifests].map(([folder, { name }]) => [name, folder]));
  const { version, license, engines, repository } = read('package.json');
  const cli = manifests.get('apps/cli');
  const stages = stageTable.map((row) => [row.package, version]);
  // Stages come from the table alone, also those that are gone.
  const isOther = (/** @type {string} */ name) =>
    folderOf.has(name) ? !folderOf.get(name)?.startsWith('packages/stages/') : !name.startsWith('@galvani/');
  const kept = Object.entries(cli.dependencies).filter(([name]) => isOther(name));
  cli.dependencies = Object.fromEntries([...kept, ...stages].sort());
  /** @type {Map<string, object | string>} */
  const found = new Map();
  const licence = readFileSync(join(home, 'LICENSE'), 'utf8');
  for (const [folder, manifest] of manifests) {
    const { dependencies = {} } = manifest;
    const pinned = Object.entries(dependencies).map(([each, range]) => [each, folderOf.has(each) ? version : range]);
    found.set(`${folder}/package.json`, {
      ...{ ...manifest, version, license, engines },
      ...(repository && { repository: { ...repository, directory: folder } }),
      ...(manifest.dependencies && { dependencies: Object.fromEntries(pinned) }),
    });
    // npm packs no file of another folder, and the licence asks to be with every copy.
    found.set(`${folder}/LICENSE`, licence);
    const needed = { ...dependencies, ...(isBundled(manifest) && manifest.devDependencies) };
    const used = Object.keys(needed).flatMap((name) => folderOf.get(name) ?? []);
    const references = used.map((path) => ({ path: relative(folder, path) }));
    found.set(`${folder}/tsconfig.json`, { ...read(`${folder}/tsconfig.json`), references });
  }
  found.set('tsconfig.json', { ...read('tsconfig.json'), references: folders.map((path) => ({ path })) });
  return found;
}

/**
 * Whether a package is a page: what it imports is bundled into it, and needed to build it alone.
 * @param {{ exports?: { '.'?: unknown } }} manifest
 */
export const isBundled = ({ exports }) => typeof exports?.['.'] === 'string' && exports['.'].endsWith('.html');

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [path, content] of workspaceLinks())
    writeFileSync(join(home, path), typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`);

import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const home = fileURLToPath(new URL('../', import.meta.url));

const files = [
  '.env',
  'nx.json',
  'package.json',
  'package-lock.json',
  'tsconfig.base.json',
  'tsconfig.json',
  '.gitignore',
];

/**
 * Copies sources and what is built into a temporary folder, and leaves out studies, data and Nx's state; npm packages are
 * links to the real ones. Plain JavaScript, since crash/crash.mjs runs on Node alone.
 * @returns {string} the folder
 */
export function copyWorkspace() {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'galvani-workspace-')));
  for (const file of files) cpSync(join(home, file), join(root, file));
  const left = new Set(['node_modules', 'test', 'bench']);
  for (const folder of ['packages', 'apps', 'scripts'])
    cpSync(join(home, folder), join(root, folder), {
      recursive: true,
      preserveTimestamps: true,
      filter: (path) => !left.has(basename(path)),
    });
  linkModules(root);
  return root;
}

/**
 * Links to every npm package; the workspace's own packages are linked to the copies.
 * @param {string} root
 */
function linkModules(root) {
  const modules = join(root, 'node_modules');
  mkdirSync(join(modules, '@galvani'), { recursive: true });
  for (const name of readdirSync(join(home, 'node_modules')))
    if (name !== '@galvani' && name !== '.cache' && name !== 'galvani')
      symlinkSync(join(home, 'node_modules', name), join(modules, name));
  for (const family of ['packages/core', 'packages/stages', 'packages', 'apps'])
    for (const name of readdirSync(join(root, family))) {
      const folder = join(family, name);
      if (!existsSync(join(root, folder, 'package.json'))) continue;
      symlinkSync(
        join(root, folder),
        join(modules, JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')).name),
      );
      const nested = join(home, folder, 'node_modules');
      if (existsSync(nested)) symlinkSync(nested, join(root, folder, 'node_modules'));
    }
}

/**
 * What starts Nx in a copy, with nothing of this process's Nx or test runner in its environment.
 * @param {string} root
 * @param {string[]} words `['run', 'pipeline:all']`
 */
export function nxCommand(root, words) {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(NX_|VITEST|NODE_ENV|FORCE_COLOR|GALVANI_)/.test(name),
  );
  const env = {
    ...Object.fromEntries(inherited),
    CI: 'true',
    NX_DAEMON: 'false',
    NO_COLOR: '1',
    GALVANI_STORE: join(root, 'data/cache/extract'),
  };
  return { file: process.execPath, args: [join(root, 'node_modules/nx/dist/bin/nx.js'), ...words], cwd: root, env };
}

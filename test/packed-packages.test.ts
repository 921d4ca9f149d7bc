import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path/posix';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { beforeAll, describe, expect, test } from 'vitest';
import { home, readPackages } from './packages.js';

const packages = readPackages();

/** Files that npm would publish, by package. One npm lists them all: one for each package takes ten times as long. */
let packed: Map<string, string[]>;
beforeAll(async () => {
  const words = [
    'pack',
    '--workspaces',
    '--dry-run',
    '--json',
    '--ignore-scripts',
    '--offline',
    '--no-update-notifier',
  ];
  const { stdout } = await promisify(execFile)('npm', words, { cwd: home, maxBuffer: 2 ** 26 });
  const listed: { name: string; files: { path: string }[] }[] = JSON.parse(stdout);
  packed = new Map(listed.map(({ name, files }) => [name, files.map(({ path }) => path)]));
});

describe.each(packages)('$name', ({ name, folder }) => {
  const read = (path: string) => readFileSync(join(home, folder, path));
  const manifest = JSON.parse(read('package.json').toString());

  test('is published whole: its entries, its licence, a README, nothing of its tests', () => {
    const files = packed.get(name)!;
    const entries = [manifest.exports, manifest.bin].flatMap(pathsIn).map((path) => path.replace('./', ''));
    expect(files).toEqual(expect.arrayContaining([...entries, 'LICENSE', 'README.md', 'package.json']));
    expect(files.filter((path) => /\.test\.|^test\/|^bench\/|\.tsbuildinfo$/.test(path))).toEqual([]);
  });

  test('holds nothing that was built of sources which are gone', () => {
    const built = packed.get(name)!.filter((path) => /^dist\/.*\.js$/.test(path));
    const source = (path: string) => join(home, folder, path.replace('dist/', 'src/').replace(/js$/, 'ts'));
    expect(built.filter((path) => !existsSync(source(path)))).toEqual([]);
  });

  test('leans on nothing that is not published', () => {
    const own = packages.find((each) => each.name === name)!.dependencies.filter((each) => /^@galvani\//.test(each));
    expect(own.filter((each) => !packed.has(each))).toEqual([]);
    expect(manifest.private).toBeUndefined();
  });

  test('is as publint wants it', async () => {
    const files = packed.get(name)!.map((path) => ({ name: `package/${path}`, data: new Uint8Array(read(path)) }));
    const { messages, pkg } = await publint({ pkgDir: 'package', pack: { files }, level: 'suggestion', strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });
});

/** Every path in `exports` or `bin`. */
function pathsIn(entry: unknown): string[] {
  if (typeof entry === 'string') return [entry];
  return entry && typeof entry === 'object' ? Object.values(entry).flatMap(pathsIn) : [];
}

test('the schema of study.yaml is published, since editors are told of it', () => {
  expect(packed.get('@galvani/study')).toContain('study.schema.json');
  expect(existsSync(join(home, 'packages/core/study/study.schema.json'))).toBe(true);
});

import { mkdirSync, mkdtempSync, readFileSync, rmSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import build, { lastBuild } from '../build-executor.mjs';

/** What a compiler does, as far as it matters: it fails on a wrong source, and else notes beside its output what it built. */
const compiler = `
import { readFileSync, mkdirSync, writeFileSync, appendFileSync } from 'node:fs';
appendFileSync('builds', 'x');
const source = readFileSync('packages/core/one/src/index.ts', 'utf8');
if (source.includes('wrong')) process.exit(2);
mkdirSync('packages/core/one/dist', { recursive: true });
writeFileSync('packages/core/one/dist/.tsbuildinfo', source);
`;
const command = 'node compiler.mjs';

let root: string;
beforeEach(() => {
  vi.stubEnv('NX_TASK_HASH', 'of Nx');
  root = mkdtempSync(join(tmpdir(), 'galvani-build-'));
  write('compiler.mjs', compiler);
  write('tsconfig.json', '{}');
  write('packages/core/one/package.json', '{ "name": "one" }');
  write('packages/core/one/src/index.ts', 'export const one = 1;\n');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

function write(path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
}

test('after a build there is nothing to build until something changes, and then there is', async () => {
  expect(lastBuild(root)).toBeUndefined();
  expect(await build({ command }, { root })).toEqual({ success: true });
  expect(readFileSync(join(root, 'builds'), 'utf8')).toBe('x');
  expect(lastBuild(root)).toBe('of Nx');

  const before = new Date(2000, 1, 1);
  const changes: [string, () => void][] = [
    ['a source is older', () => utimesSync(join(root, 'packages/core/one/src/index.ts'), before, before)],
    ['a source is new', () => write('packages/core/one/src/folder/two.ts', 'export const two = 2;\n')],
    ['a source is gone', () => unlinkSync(join(root, 'packages/core/one/src/folder/two.ts'))],
    ['a package is new', () => write('packages/core/two/package.json', '{ "name": "two" }')],
    ['the compiler is told otherwise', () => write('tsconfig.json', '{ }')],
    ['another build was there', () => write('packages/core/one/dist/.tsbuildinfo', 'of another')],
    ['what was built is gone', () => rmSync(join(root, 'packages/core/one/dist'), { recursive: true })],
  ];
  for (const [name, change] of changes) {
    change();
    expect(lastBuild(root), name).toBeUndefined();
    await build({ command }, { root });
    expect(lastBuild(root), name).toBe('of Nx');
  }
});

test('a build that fails is no build', async () => {
  await build({ command }, { root });
  write('packages/core/one/src/index.ts', 'export const wrong = 1;\n');
  expect(await build({ command }, { root })).toEqual({ success: false });
  expect(lastBuild(root)).toBeUndefined();
});

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { home } from '../../../test/packages.js';
import build, { lastBuild } from '../build-executor.mjs';

const command = 'node node_modules/typescript/bin/tsc -b';
let root: string;
beforeEach(() => {
  vi.stubEnv('NX_TASK_HASH', 'of Nx');
  root = mkdtempSync(join(tmpdir(), 'galvani-build-'));
  symlinkSync(join(home, 'node_modules'), join(root, 'node_modules'));
  write('package.json', '{ "type": "module" }');
  write('tsconfig.json', '{ "files": [], "references": [{ "path": "packages/core/one" }] }');
  write(
    'packages/core/one/tsconfig.json',
    JSON.stringify({
      compilerOptions: {
        composite: true,
        rootDir: 'src',
        outDir: 'dist',
        tsBuildInfoFile: 'dist/.tsbuildinfo',
        module: 'nodenext',
        types: [],
      },
      include: ['src'],
    }),
  );
  write('packages/core/one/package.json', '{ "name": "one", "type": "module" }');
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
  expect((await import(join(root, 'packages/core/one/dist/index.js'))).one).toBe(1);
  expect(lastBuild(root)).toBe('of Nx');

  // Contents decide for the compiler, times for whether it is asked.
  const before = new Date(2000, 1, 1);
  utimesSync(join(root, 'packages/core/one/src/index.ts'), before, before);
  expect(lastBuild(root)).toBeUndefined();
  await build({ command }, { root });
  expect(lastBuild(root)).toBe('of Nx');

  for (const [path, text] of [
    ['packages/core/one/src/folder/two.ts', 'export const two = 2;\n'],
    ['packages/core/two/package.json', '{ "name": "two" }'],
    ['packages/core/one/dist/.tsbuildinfo', 'of another build'],
  ]) {
    write(path, text);
    expect(lastBuild(root), path).toBeUndefined();
    await build({ command }, { root });
    expect(lastBuild(root), path).toBe('of Nx');
  }
  unlinkSync(join(root, 'packages/core/one/src/folder/two.ts'));
  expect(lastBuild(root)).toBeUndefined();
});

test('a build that fails is no build', async () => {
  await build({ command }, { root });
  write('packages/core/one/src/index.ts', 'export const one: string = 1;\n');
  expect(await build({ command }, { root })).toEqual({ success: false });
  expect(lastBuild(root)).toBeUndefined();
});

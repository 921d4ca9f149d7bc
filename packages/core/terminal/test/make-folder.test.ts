import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '@galvani/terminal';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'galvani-folder-'));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

test('a folder is made with those above it, by several at once too, and once it is there nothing is done', async () => {
  await Promise.all(['a/b/c', 'a/b/c', 'a/b/d', 'a'].map((name) => makeFolder(at(name))));
  for (const name of ['a/b/c', 'a/b/d', '.']) {
    await makeFolder(at(name));
    expect((await stat(at(name))).isDirectory()).toBe(true);
  }
  symlinkSync(at('a'), at('link'));
  await makeFolder(at('link/e'));
  expect(existsSync(at('a/e'))).toBe(true);
});

test('where a file is in the way the system’s error comes', async () => {
  writeFileSync(at('file'), '');
  await expect(makeFolder(at('file'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolder(at('file/a/b'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

// Node's own `recursive` never ends there.
test.runIf(existsSync('/proc/self'))('where nothing can be made it ends', async () => {
  await expect(makeFolder('/proc/nowhere/below')).rejects.toMatchObject({ code: 'ENOENT' });
});

import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '@galvani/artifact';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listStore, openStore, pruneStore, type Store } from '../../src/store/store.js';

let folder: string;
let store: Store;
let said: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'galvani-store-'));
  said = [];
  store = openStore(join(folder, 'store'), (line) => said.push(line));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const key = (n: number) => String(n).padStart(64, '0');

async function putRun(n: number, content = `run ${n}`) {
  const source = await mkdtemp(join(folder, 'run-'));
  await writeFile(join(source, 'a.arrow'), content);
  const outputs = { 'a.arrow': { sha256: sha256(content), bytes: content.length } };
  await store.put(key(n), { outputs, facts: { n } }, source);
  return { source, outputs };
}

test('what is put is found and taken, without a second copy of the bytes', async () => {
  const { source, outputs } = await putRun(1);
  const found = await store.find(key(1));
  expect(found).toEqual({ outputs, facts: { n: 1 } });
  const target = join(folder, 'target');
  await store.take(key(1), found!, target);
  expect(await readdir(target)).toEqual(['a.arrow']);
  expect((await stat(join(target, 'a.arrow'))).ino).toBe((await stat(join(source, 'a.arrow'))).ino);
  expect(await store.find(key(2))).toBeUndefined();
  expect(said).toEqual([]);
});

test('a second put under one key changes nothing', async () => {
  await putRun(1, 'first');
  await putRun(1, 'second');
  expect(await readFile(join(store.folder, key(1), 'a.arrow'), 'utf8')).toBe('first');
  expect(await readdir(store.folder)).toEqual([key(1)]);
});

test('what a killed process left is removed after an hour', async () => {
  await putRun(1);
  for (const [name, age] of [
    ['.partial-old', 7200],
    ['.partial-new', 60],
  ] as const) {
    await mkdir(join(store.folder, name));
    const then = Date.now() / 1000 - age;
    await utimes(join(store.folder, name), then, then);
  }
  await putRun(2);
  expect((await readdir(store.folder)).sort()).toEqual(['.partial-new', key(1), key(2)]);
});

test('an entry is dropped if a file is missing or changed, or its own record is unreadable', async () => {
  for (const damage of [
    (entry: string) => rm(join(entry, 'a.arrow')),
    (entry: string) => writeFile(join(entry, 'a.arrow'), 'other'),
    (entry: string) => writeFile(join(entry, 'entry.json'), '{'),
    (entry: string) => rm(join(entry, 'entry.json')),
  ]) {
    await putRun(1);
    await damage(join(store.folder, key(1)));
    expect(await store.find(key(1))).toBeUndefined();
    expect(said.pop()).toMatch(/is damaged: the entry is dropped/);
    expect(await readdir(store.folder)).toEqual([]);
  }
});

test('pruning removes what was unused for longest', async () => {
  for (const n of [1, 2, 3]) {
    await putRun(n);
    await utimes(join(store.folder, key(n), 'entry.json'), 1000 + n, 1000 + n);
  }
  // Taking the first makes it the last that was used.
  await store.take(key(1), (await store.find(key(1)))!, join(folder, 'target'));
  const entries = await listStore(store.folder);
  expect(entries.map((entry) => entry.key)).toEqual([key(2), key(3), key(1)]);
  const total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
  expect((await pruneStore(store.folder, total)).length).toBe(0);
  expect((await pruneStore(store.folder, total - 1)).map((entry) => entry.key)).toEqual([key(2)]);
  expect((await listStore(store.folder)).map((entry) => entry.key)).toEqual([key(3), key(1)]);
  expect((await pruneStore(store.folder, 0)).length).toBe(2);
  expect(await listStore(join(folder, 'nowhere'))).toEqual([]);
});

import * as real from 'node:fs/promises';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '@galvani/artifact';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';

const key = '1'.repeat(64);
const refused = (code: string, more = {}) => Promise.reject(Object.assign(new Error(code), { code, ...more }));
const link = vi.fn(real.link);
const copyFile = vi.fn(real.copyFile);
let openStore: typeof import('../../src/store/store.js').openStore;
let folder: string;
let said: string[];
beforeAll(async () => {
  // Other files of this process have the store with the real ones.
  vi.resetModules();
  vi.doMock('node:fs/promises', () => ({ ...real, link, copyFile }));
  ({ openStore } = await import('../../src/store/store.js'));
});
afterAll(() => {
  vi.doUnmock('node:fs/promises');
  vi.resetModules();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'galvani-store-'));
  said = [];
});
afterEach(async () => {
  link.mockReset();
  copyFile.mockReset();
  await rm(folder, { recursive: true, force: true });
});

/** Two disks, of which the one that is copied to is full: the system names what is copied. */
function anotherDiskIsFull() {
  link.mockImplementation(() => refused('EXDEV'));
  copyFile.mockImplementation((path) => refused('ENOSPC', { errno: -28, syscall: 'copyfile', path }));
}

async function runToPut() {
  const source = join(folder, 'run');
  await mkdir(source);
  await writeFile(join(source, 'a.arrow'), 'a');
  return { source, run: { outputs: { 'a.arrow': { sha256: sha256('a'), bytes: 1 } }, facts: {} } };
}

test('of a store whose disk is full the store is named, and not the file that is copied', async () => {
  const store = openStore(join(folder, 'store'), (line) => said.push(line));
  const { source, run } = await runToPut();
  anotherDiskIsFull();
  expect(await store.put(key, run, source)).toBe(false);
  expect(said).toEqual([
    `${source} is whole but could not be kept in the store ${store.folder}: the disk is full. Free some space and run the same command again.`,
  ]);
  expect(await readdir(store.folder)).toEqual([]);
});

test('of a study whose disk is full its folder is named, and nothing is left of the run', async () => {
  const store = openStore(join(folder, 'store'), (line) => said.push(line));
  const { source, run } = await runToPut();
  await store.put(key, run, source);
  anotherDiskIsFull();
  const target = join(folder, 'target');
  const clear = () => rm(target, { recursive: true, force: true });
  await expect(store.take(key, target, clear)).rejects.toThrow(
    `${target} could not be written: the disk is full. Nothing half-written was kept.`,
  );
  expect(await readdir(folder)).not.toContain('target');
  expect(said).toEqual([]);
});

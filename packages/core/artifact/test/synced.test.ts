import { existsSync } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createActivationFile, writeFileWhole } from '@galvani/artifact';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

let folder: string;
let path: string;
/** What was synced: the bytes of a file or 'folder', and whether the written file had its name by then. */
let synced: [what: number | 'folder', named: boolean][];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'galvani-synced-'));
  path = join(folder, 'written');
  synced = [];
  const any = await open(folder);
  vi.spyOn(Object.getPrototypeOf(any), 'sync').mockImplementation(async function (this: unknown) {
    const about = await (this as FileHandle).stat();
    synced.push([about.isDirectory() ? 'folder' : about.size, existsSync(path)]);
  });
  await any.close();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

test('a file is synced whole before it gets its name, and then the folder that holds the name', async () => {
  await writeFileWhole(path, 'whole');
  expect(synced).toEqual([
    [5, false],
    ['folder', true],
  ]);
});

test('what may be lost is not synced', async () => {
  await writeFileWhole(path, 'whole', { durable: false });
  expect(synced).toEqual([]);
  expect(existsSync(path)).toBe(true);
});

test('so is a recording, unless it asks not to be', async () => {
  const columns = [{ site: 'fc1', kind: 'linear', width: 2 }];
  const record = async (durable: boolean) => {
    const writer = await createActivationFile(path, columns, 'float32', { durable });
    await writer.append(1, [Float32Array.of(1, 2)]);
    return (await writer.finish()).bytes;
  };
  await record(false);
  expect(synced).toEqual([]);
  await rm(path);
  const bytes = await record(true);
  expect(synced).toEqual([[bytes, false]]);
});

import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  canonicalJson,
  damagedOutputs,
  describeOutput,
  readManifest,
  requireManifest,
  sweepPartial,
  writeFileWhole,
  writeManifest,
  writeWhole,
} from '@galvani/artifact';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'galvani-manifest-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a manifest carries the version of package.json', async () => {
  const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  await writeManifest(folder, { stage: 'design', parameters: {}, inputs: {}, outputs: {}, facts: {} });
  expect((await requireManifest(folder, 'design')).galvani).toBe(version);
});

test('a manifest notices a changed and a missing output', async () => {
  await writeFileWhole(join(folder, 'a.txt'), 'one');
  await writeFileWhole(join(folder, 'b.txt'), 'two');
  const outputs = {
    'a.txt': await describeOutput(join(folder, 'a.txt')),
    'b.txt': await describeOutput(join(folder, 'b.txt')),
  };
  await writeManifest(folder, {
    stage: 'design',
    parameters: { seed: 7 },
    inputs: {},
    outputs,
    facts: { prompts: 18 },
  });
  const manifest = await requireManifest(folder, 'design');
  expect(manifest.outputs).toEqual(outputs);
  expect(await damagedOutputs(folder, manifest)).toEqual([]);
  await writeFile(join(folder, 'a.txt'), 'One');
  await rm(join(folder, 'b.txt'));
  expect(await damagedOutputs(folder, manifest)).toEqual([
    { file: 'a.txt', problem: 'differs from its checksum' },
    { file: 'b.txt', problem: 'is missing' },
  ]);
});

test('no manifest is undefined, a damaged one and a needed one are failures that say what to do', async () => {
  const other = join(folder, 'other');
  await mkdir(other);
  expect(await readManifest(other)).toBeUndefined();
  await expect(requireManifest(other, 'glm')).rejects.toThrow('run galvani glm first');
  await writeFile(join(other, 'manifest.json'), '{"galvani": 1');
  await expect(readManifest(other)).rejects.toThrow('is not a galvani manifest');
});

test('equal values give equal JSON whatever the order of their keys', () => {
  expect(canonicalJson({ b: 1, a: [{ d: 1, c: undefined }] })).toBe(canonicalJson({ a: [{ d: 1 }], b: 1 }));
});

test('a write that fails leaves the old file and no partial one; a sweep removes what a kill left', async () => {
  const path = join(folder, 'kept.txt');
  await writeFileWhole(path, 'old');
  await expect(
    writeWhole(path, async (temporary) => {
      await writeFile(temporary, 'ne');
      throw new Error('the disk is full');
    }),
  ).rejects.toThrow('the disk is full');
  expect(await readFile(path, 'utf8')).toBe('old');
  await writeFile(join(folder, '.x.arrow.999.partial'), 'half');
  await sweepPartial(folder);
  expect((await readdir(folder)).filter((name) => name.endsWith('.partial'))).toEqual([]);
});

test('two processes of one number, on two machines, may write one file at once', async () => {
  const path = join(folder, 'both.txt');
  let second = Promise.resolve();
  await writeWhole(path, async (temporary) => {
    await writeFile(temporary, 'fir');
    second = writeFileWhole(path, 'second');
    await second;
    await appendFile(temporary, 'st');
  });
  expect(await readFile(path, 'utf8')).toBe('first');
  expect((await readdir(folder)).filter((name) => name.endsWith('.partial'))).toEqual([]);
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createActivationFile, openActivationFile, readPromptMeans } from '@galvani/artifact';
import { afterAll, beforeAll, expect, test } from 'vitest';

let path: string;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'galvani-means-'));
  path = join(folder, 'layer.arrow');
  const columns = [
    { site: 'a', kind: 'linear', width: 2 },
    { site: 'b', kind: 'block', width: 1 },
  ];
  const writer = await createActivationFile(path, columns, 'float32');
  await writer.append(2, [Float32Array.of(1, 2, 3, 4), Float32Array.of(10, 20)]);
  await writer.append(1, [Float32Array.of(5, 6), Float32Array.of(Number.NaN)]);
  await writer.finish();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('means are over the tokens of a prompt, across batches', async () => {
  const result = await readPromptMeans(await openActivationFile(path), [0, 1, 1]);
  expect(result).toMatchObject({ units: 3, prompts: 2 });
  expect([...result.means]).toEqual([1, 2, 10, 4, 5, Number.NaN]);
});

test('a file of another length is refused', async () => {
  await expect(readPromptMeans(await openActivationFile(path), [0, 0])).rejects.toThrow('extract the run again');
  await expect(readPromptMeans(await openActivationFile(path), [0, 0, 0, 0])).rejects.toThrow('extract the run again');
});

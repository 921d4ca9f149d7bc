import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rememberedDigest, sha256OfFile } from '@galvani/artifact';
import { digestSubject } from '@galvani/model';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { referenceModels } from '../../../model/test/reference.js';
import { modelDigest } from '../../src/store/model-digest.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'galvani-model-digest-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('the digest is the subject’s own, and weights are read again only when they change', async () => {
  const [model, memory] = [join(folder, 'model'), join(folder, 'memory')];
  await cp(referenceModels.gpt2, model, { recursive: true });
  const before = await modelDigest(model, memory);
  expect(before).toBe(await digestSubject(model));
  const weights = join(model, 'model.safetensors');
  let read = 0;
  expect(await rememberedDigest(weights, memory, (bytes) => (read += bytes))).toBe(await sha256OfFile(weights));
  expect(read).toBe(0);
  await appendFile(join(model, 'config.json'), '\n');
  const otherConfig = await modelDigest(model, memory);
  const bytes = await readFile(weights);
  bytes[bytes.length - 1] ^= 1;
  await writeFile(weights, bytes);
  const otherWeights = await digestSubject(model, (path) => rememberedDigest(path, memory, (bytes) => (read += bytes)));
  expect(new Set([before, otherConfig, otherWeights]).size).toBe(3);
  expect(read).toBeGreaterThan(0);
});

test('reading stops where it is told to', async () => {
  await cp(referenceModels.gpt2, folder, { recursive: true });
  const stopped = AbortSignal.abort(new Error('stopped'));
  await expect(modelDigest(folder, undefined, stopped)).rejects.toThrow('stopped');
});

import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserMistake } from '@galvani/terminal';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openWeights } from '../../src/weights/weight-source.js';
import { safetensors } from './safetensors-bytes.js';

const fixtures = fileURLToPath(new URL('fixtures/', import.meta.url));
const read = (name: string) => JSON.parse(readFileSync(join(fixtures, name), 'utf8'));
const expected: Record<string, Record<string, { dtype: string; shape: number[]; values: number[] }>> = read(
  'expected.json',
);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'galvani-weights-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const put = (name: string, bytes: Uint8Array | string) => writeFileSync(join(folder, name), bytes);

describe.each(Object.entries(expected))('%s, written by torch', (file, tensors) => {
  test('has torch’s names, shapes, formats and numbers', async () => {
    const weights = await openWeights(join(fixtures, file));
    expect(weights.names()).toEqual(Object.keys(tensors).sort());
    for (const [name, { dtype, shape, values }] of Object.entries(tensors)) {
      expect(weights.dtype(name)).toBe(dtype);
      expect(weights.shape(name)).toEqual(shape);
      expect([...(await weights.readFloat32(name))], name).toEqual(values);
    }
    await weights.close();
  });
});

test.each(['F16', 'BF16'])('every finite %s number becomes the float32 that torch makes of it', async (dtype) => {
  const exponent = dtype === 'F16' ? 0x7c00 : 0x7f80;
  const finite = Uint16Array.from(
    Array.from({ length: 65536 }, (_, i) => i).filter((i) => (i & exponent) !== exponent),
  );
  const data = new Uint8Array(finite.buffer);
  // An odd start: conversion must not rely on alignment.
  const header = {
    odd: { dtype: 'U8', shape: [1], data_offsets: [0, 1] },
    all: { dtype, shape: [finite.length], data_offsets: [1, 1 + data.length] },
  };
  put('model.safetensors', safetensors(header, Buffer.concat([Buffer.alloc(1), data])));
  const weights = await openWeights(folder);
  const values = await weights.readFloat32('all');
  expect(createHash('sha256').update(values).digest('hex')).toBe(read('sixteen_bits.json')[dtype]);
  await weights.close();
});

test('tensors that share a storage have one place, others have not', async () => {
  const weights = await openWeights(join(fixtures, 'views.bin'));
  expect(weights.place('tied')).toBe(weights.place('whole'));
  for (const name of weights.names().filter((n) => n !== 'tied' && n !== 'whole'))
    expect(weights.place(name)).not.toBe(weights.place('whole'));
  await weights.close();
});

test('buffers of whole numbers are listed and not read as weights', async () => {
  const weights = await openWeights(join(fixtures, 'buffers.bin'));
  expect(weights.dtype('position_ids')).toBe('I64');
  expect(weights.dtype('mask')).toBe('BOOL');
  await expect(weights.readFloat32('mask')).rejects.toThrow(/"mask".*stored as BOOL/);
  await weights.close();
});

test('safetensors is preferred to pytorch_model.bin', async () => {
  cpSync(join(fixtures, 'formats.safetensors'), join(folder, 'model.safetensors'));
  put('pytorch_model.bin', 'not read');
  const weights = await openWeights(folder);
  expect(weights.names()).toHaveLength(5);
  await weights.close();
});

describe('the digest', () => {
  test('of one file is its SHA-256', async () => {
    const file = join(fixtures, 'formats.safetensors');
    const weights = await openWeights(file);
    expect(await weights.digest()).toBe(createHash('sha256').update(readFileSync(file)).digest('hex'));
    await weights.close();
  });

  test('of shards does not depend on their names and does on their bytes', async () => {
    const digest = async () => {
      const weights = await openWeights(folder);
      try {
        return await weights.digest();
      } finally {
        await weights.close();
      }
    };
    cpSync(join(fixtures, 'sharded_safetensors'), folder, { recursive: true });
    const before = await digest();
    const index = join(folder, 'model.safetensors.index.json');
    const shard = 'model-00001-of-00002.safetensors';
    renameSync(join(folder, shard), join(folder, 'zz.safetensors'));
    writeFileSync(index, readFileSync(index, 'utf8').replaceAll(shard, 'zz.safetensors'));
    expect(await digest()).toBe(before);
    const bytes = readFileSync(join(folder, 'zz.safetensors'));
    bytes[bytes.length - 1] ^= 1;
    writeFileSync(join(folder, 'zz.safetensors'), bytes);
    await expect(digest()).resolves.not.toBe(before);
  });
});

describe('a folder that holds no readable checkpoint', () => {
  const refused = async (pattern: RegExp, where = folder) => {
    await expect(openWeights(where)).rejects.toThrow(UserMistake);
    await expect(openWeights(where)).rejects.toThrow(pattern);
  };

  test('says what is expected', async () => {
    await refused(/holds no weights: model\.safetensors or pytorch_model\.bin/);
    await refused(/does not exist/, join(folder, 'nowhere'));
    mkdirSync(join(folder, 'model.safetensors'));
    await refused(/is a folder, not a file/);
  });

  test('a shard outside the folder is refused', async () => {
    for (const name of ['../secret.safetensors', '/etc/passwd', '..', 'a/b.safetensors', 'a\\b.safetensors']) {
      put('model.safetensors.index.json', JSON.stringify({ weight_map: { a: name } }));
      await refused(/is not a plain file name/);
    }
  });

  test('a shard that is missing, or lacks a tensor, or repeats one, is named', async () => {
    cpSync(join(fixtures, 'sharded_safetensors'), folder, { recursive: true });
    const index = join(folder, 'model.safetensors.index.json');
    const { weight_map: map } = JSON.parse(readFileSync(index, 'utf8'));
    const [first, second] = ['1', '2'].map((i) => `model-0000${i}-of-00002.safetensors`);
    put('model.safetensors.index.json', JSON.stringify({ weight_map: { ...map, extra: first } }));
    await refused(/00001-of-00002\.safetensors holds the tensor "extra", and it does not/);
    put('model.safetensors.index.json', JSON.stringify({ weight_map: { ...map, extra: 'third.safetensors' } }));
    await refused(/third\.safetensors does not exist/);
    put('model.safetensors.index.json', JSON.stringify({ weight_map: map }));
    cpSync(join(folder, first), join(folder, second));
    await refused(/holds the tensor|stands in/);
  });

  test.each([
    ['not JSON', 'hello', /was expected/],
    ['no map', '{"metadata": {"total_size": 3}}', /has no weight_map/],
    ['an empty map', '{"weight_map": {}}', /names no shard/],
    ['a key twice', '{"weight_map": {"a": "x.safetensors", "a": "y.safetensors"}}', /"a" stands twice/],
    ['too deep', `{"metadata": ${'['.repeat(100_000)}`, /nested too deep/],
  ])('an index with %s', async (_, text, pattern) => {
    put('model.safetensors.index.json', text);
    await refused(pattern);
  });
});

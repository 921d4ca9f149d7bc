import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserMistake } from '@galvani/terminal';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWeights } from '../../src/weights/weight-source.js';
import { safetensors } from './safetensors-bytes.js';

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'galvani-safetensors-'));
  file = join(folder, 'model.safetensors');
});
afterAll(() => rmSync(folder, { recursive: true }));

const f32 = (shape: number[], from: number, to: number) => ({ dtype: 'F32', shape, data_offsets: [from, to] });

describe('a file that is not whole is refused with a sentence', () => {
  const entry = '{"dtype":"F32","shape":[1],"data_offsets":[0,4]}';
  const cases: [string, Buffer, RegExp][] = [
    ['empty', Buffer.alloc(0), /it has 0 bytes/],
    ['shorter than its prefix', Buffer.alloc(7), /it has 7 bytes/],
    [
      'a header beyond the file',
      Buffer.from([50, 0, 0, 0, 0, 0, 0, 0, 123, 125]),
      /claims 50 bytes and the file has 10/,
    ],
    ['a huge header', Buffer.alloc(64, 0xff), /claims 18446744073709551615 bytes, and more than 100000000/],
    ['a header over the limit', Buffer.from([1, 0xe1, 0xf5, 5, 0, 0, 0, 0]), /claims 100000001 bytes/],
    ['a header that is not JSON', safetensors('{"a": nothing}'), /"\{" was expected/],
    ['a header that is a list', safetensors('[1, 2]'), /not a JSON object/],
    ['a header in white space', safetensors('  {}'), /not a JSON object/],
    ['a header that is no UTF-8', safetensors('{"\x00"}').fill(0xff, 9), /not UTF-8|expected/],
    ['a header with more behind it', safetensors('{} {}'), /something follows the end/],
    ['a name twice', safetensors(`{"a":${entry},"a":${entry}}`, 4), /"a" stands twice/],
    ['a name twice in two spellings', safetensors(`{"a":${entry},"\\u0061":${entry}}`, 4), /"a" stands twice/],
    [
      'a field twice',
      safetensors('{"a":{"dtype":"F32","dtype":"F16","shape":[1],"data_offsets":[0,4]}}', 4),
      /"dtype" stands twice/,
    ],
    [
      'an unknown field',
      safetensors('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}', 4),
      /unknown field "x"/,
    ],
    ['a missing field', safetensors('{"a":{"dtype":"F32","shape":[1]}}', 4), /needs a dtype/],
    [
      'an unknown dtype',
      safetensors('{"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}', 4),
      /unknown dtype "F31"/,
    ],
    [
      'a dtype of Object',
      safetensors('{"a":{"dtype":"constructor","shape":[1],"data_offsets":[0,4]}}', 4),
      /unknown dtype/,
    ],
    ['overlapping tensors', safetensors({ a: f32([2], 0, 8), b: f32([2], 4, 12) }, 12), /"b" overlaps/],
    ['the same bytes twice', safetensors({ a: f32([2], 0, 8), b: f32([2], 0, 8) }, 8), /overlaps/],
    [
      'a hole',
      safetensors({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12),
      /4 bytes before the tensor "b" belong to none/,
    ],
    ['a hole at the start', safetensors({ a: f32([1], 4, 8) }, 8), /4 bytes before the tensor "a"/],
    ['bytes behind the last', safetensors({ a: f32([1], 0, 4) }, 5), /1 bytes at its end/],
    ['data cut off', safetensors({ a: f32([2], 0, 8) }, 7), /it was cut off/],
    ['offsets beyond the file', safetensors({ a: f32([25], 0, 100) }, 8), /it was cut off/],
    ['offsets backwards', safetensors({ a: f32([1], 4, 0) }, 4), /data_offsets \[4, 0\]/],
    [
      'negative offsets',
      safetensors('{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}', 4),
      /whole number from 0/,
    ],
    ['fractional offsets', safetensors('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4.0]}}', 4), /whole number/],
    [
      'overflowing offsets',
      safetensors('{"a":{"dtype":"F32","shape":[1],"data_offsets":[18446744073709551612,18446744073709551616]}}', 4),
      /whole number/,
    ],
    ['largest safe offsets', safetensors({ a: f32([1], 2 ** 53 - 5, 2 ** 53 - 1) }, 4), /data_offsets/],
    ['one offset', safetensors('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}', 4), /two data_offsets/],
    [
      'three offsets',
      safetensors('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}', 4),
      /more than 2 elements/,
    ],
    [
      'bytes that do not fit the shape',
      safetensors({ a: f32([3], 0, 8) }, 8),
      /8 bytes, and F32 numbers of shape \[3\] take 12/,
    ],
    ['a shape that overflows', safetensors({ a: f32([2 ** 31, 2 ** 31, 4], 0, 4) }, 4), /take more than any file/],
    ['a shape that wraps to zero', safetensors({ a: f32([2 ** 32, 2 ** 32], 0, 0) }, 0), /take more than any file/],
    ['half a byte', safetensors('{"a":{"dtype":"F4","shape":[1],"data_offsets":[0,0]}}', 0), /take more than any file/],
    ['metadata of the wrong type', safetensors('{"__metadata__":{"a":1}}'), /was expected/],
    ['nested lists', safetensors(`{"a":{"shape":${'['.repeat(100_000)}`), /whole number/],
    ['a million dimensions', safetensors(`{"a":{"shape":[${'1,'.repeat(1e6)}1]}}`), /more than 32 elements/],
  ];
  test.each(cases)('%s', async (_, bytes, pattern) => {
    writeFileSync(file, bytes);
    const refused = openWeights(folder);
    await expect(refused).rejects.toThrow(UserMistake);
    await expect(refused).rejects.toThrow(pattern);
  });
});

test.each([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])('a weight that is %s is named with its tensor and place', async (word, value) => {
  const data = new Float32Array(24);
  data[15] = value;
  writeFileSync(file, safetensors({ 'layers.0.w': f32([4, 6], 0, 96) }, new Uint8Array(data.buffer)));
  const weights = await openWeights(folder);
  await expect(weights.readFloat32('layers.0.w')).rejects.toThrow(UserMistake);
  await expect(weights.readFloat32('layers.0.w')).rejects.toThrow(`"layers.0.w" of ${file} holds ${word} at [2, 3]`);
  await weights.close();
});

test('tensors may lie in any order, and an empty one anywhere', async () => {
  const data = new Uint8Array(Float32Array.of(1, 2, 3).buffer);
  const header = { b: f32([2], 4, 12), z: f32([0, 7], 4, 4), a: f32([], 0, 4) };
  writeFileSync(file, safetensors({ ...header, __metadata__: { format: 'pt' } }, data));
  const weights = await openWeights(folder);
  expect(weights.names()).toEqual(['a', 'b', 'z']);
  expect([...(await weights.readFloat32('a'))]).toEqual([1]);
  expect([...(await weights.readFloat32('b'))]).toEqual([2, 3]);
  expect((await weights.readFloat32('z')).length).toBe(0);
  await weights.close();
});

test('a tensor behind 5 GB is read without the rest', async () => {
  // A sparse file: it claims 5 GB and takes a few kilobytes of disk.
  const big = 5 * 2 ** 30;
  const header = { big: { dtype: 'U8', shape: [big], data_offsets: [0, big] }, last: f32([2], big, big + 8) };
  const head = safetensors(header);
  writeFileSync(file, head);
  truncateSync(file, head.length + big + 8);
  const handle = await open(file, 'r+');
  await handle.write(new Uint8Array(Float32Array.of(1.5, -2).buffer), 0, 8, head.length + big);
  await handle.close();
  const weights = await openWeights(folder);
  expect([...(await weights.readFloat32('last'))]).toEqual([1.5, -2]);
  await weights.close();
});

test('any damage to a good file gives its tensors or a sentence', async () => {
  const good = readFileSync(fileURLToPath(new URL('fixtures/formats.safetensors', import.meta.url)));
  const edit = fc.record({
    at: fc.nat(good.length - 1),
    cut: fc.oneof(fc.constant(0), fc.nat(40)),
    put: fc.uint8Array({ maxLength: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
      let bytes = good;
      for (const { at, cut, put } of edits)
        bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + cut + (cut ? 0 : put.length))]);
      writeFileSync(file, bytes);
      try {
        const weights = await openWeights(folder);
        try {
          for (const name of weights.names()) await weights.readFloat32(name);
        } finally {
          await weights.close();
        }
      } catch (error) {
        expect(error).toBeInstanceOf(UserMistake);
        expect((error as Error).message).toMatch(/\.$/);
      }
    }),
    { numRuns: 400, seed: 1 },
  );
});

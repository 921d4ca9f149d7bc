import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeSafetensors } from '../../src/weights/safetensors-write.js';
import { openWeights } from '../../src/weights/weight-source.js';

const fixtures = fileURLToPath(new URL('fixtures/', import.meta.url));
const expected: Record<string, Record<string, { dtype: string; values: number[] }>> = JSON.parse(
  readFileSync(join(fixtures, 'expected.json'), 'utf8'),
);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'galvani-weights-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe.each(Object.entries(expected))('%s', (file, tensors) => {
  test('has the numbers that torch wrote when its bytes are written again, strided and compressed tensors too', async () => {
    const path = join(folder, 'model.safetensors');
    const before = await openWeights(join(fixtures, file));
    const named = before.names().map((name) => ({ name, dtype: before.dtype(name), shape: before.shape(name) }));
    await writeSafetensors(path, named, (name) => before.readBytes(name));
    const after = await openWeights(path);
    expect(after.names()).toEqual(before.names());
    for (const [name, { dtype, values }] of Object.entries(tensors)) {
      expect([after.dtype(name), after.shape(name)]).toEqual([dtype, before.shape(name)]);
      expect([...(await after.readFloat32(name))], name).toEqual(values);
    }
    await before.close();
    await after.close();
  });
});

test('each tensor begins at a multiple of its numbers’ width, whatever it is called', async () => {
  const path = join(folder, 'model.safetensors');
  const tensors = [
    { name: '10', dtype: 'U8', shape: [3], bytes: 3 },
    { name: '__proto__', dtype: 'F16', shape: [1, 3], bytes: 6 },
    { name: 'a "b"', dtype: 'F32', shape: [], bytes: 4 },
    { name: 'none', dtype: 'F64', shape: [0], bytes: 0 },
  ];
  const bytesOf = async (name: string) => new Uint8Array(tensors.find((each) => each.name === name)!.bytes);
  await writeSafetensors(path, tensors, bytesOf);
  const weights = await openWeights(path);
  expect(weights.names()).toEqual(['10', '__proto__', 'a "b"', 'none']);
  for (const [name, width] of [
    ['__proto__', 2],
    ['a "b"', 4],
  ] as const)
    expect((await weights.locateNumbers(name))!.offset % width).toBe(0);
  await weights.close();
});

import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openNpy, parseNpyHeader } from '@galvani/glm';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/npy/${name}.npy`, import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'galvani-npy-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function values(path: string, most: number): Promise<number[]> {
  const file = await openNpy(path);
  const all: number[] = [];
  for await (const chunk of file.chunks(most)) all.push(...chunk);
  await file.close();
  return all;
}

test.each([
  ['float32', 'float32'],
  ['float64', 'float64'],
  ['version2', 'float32'],
])('numpy’s %s is read, however it is cut', async (name, type) => {
  const file = await openNpy(fixture(name));
  await file.close();
  expect([file.type, file.rows, file.units]).toEqual([type, 4, 3]);
  const wanted = Array.from({ length: 12 }, (_, i) => i / 8 - 0.5);
  for (const most of [1, 3, 100]) expect(await values(fixture(name), most)).toEqual(wanted);
});

test.each([
  ['fortran', /Fortran order.*ascontiguousarray/],
  ['int64', /holds <i8; allowed are little-endian float32/],
  ['big-endian', /holds >f4/],
  ['one-dimension', /has 1 dimensions; a series has two/],
])('%s is refused with what to do', async (name, message) => {
  await expect(openNpy(fixture(name))).rejects.toThrow(message);
});

test('a missing, a cut and a foreign file are told', async () => {
  const whole = readFileSync(fixture('float32'));
  const path = join(folder, 'cut.npy');
  await expect(openNpy(path)).rejects.toThrow(/does not exist/);
  await writeFile(path, whole.subarray(0, whole.length - 1));
  await expect(openNpy(path)).rejects.toThrow(/it is damaged/);
  await writeFile(path, whole.subarray(0, 40));
  await expect(openNpy(path)).rejects.toThrow(/ends inside its header/);
  await writeFile(path, 'onset,duration\n');
  await expect(openNpy(path)).rejects.toThrow(/is not a .npy file/);
});

test('whatever the bytes, the answer is a header or a sentence', () => {
  const start = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
  const text = fc.constantFrom(
    "{'descr': '<f4',",
    "'fortran_order': False,",
    "'shape': (3, 4)",
    '(',
    ',',
    '}',
    ' ',
    '\n',
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.tuple(fc.integer({ min: 0, max: 5 }), fc.array(text, { maxLength: 8 })).map(([major, parts]) => {
      const body = Buffer.from(parts.join(''));
      return Uint8Array.from([...start, major, 0, body.length, 0, ...(major > 1 ? [0, 0] : []), ...body]);
    }),
  );
  fc.assert(
    fc.property(bytes, (given) => {
      try {
        const { rows, units, offset } = parseNpyHeader(given, 'x.npy');
        expect(rows * units).toBeGreaterThan(0);
        expect(offset).toBeLessThanOrEqual(given.length);
      } catch (error) {
        expect((error as Error).name).toBe('UserMistake');
        expect((error as Error).message).toContain('x.npy');
      }
    }),
    { numRuns: 500 },
  );
});

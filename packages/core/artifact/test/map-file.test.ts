import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMap, type StatisticMap, writeMap } from '@galvani/artifact';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openArrowFile } from '../src/arrow/open-arrow.js';
import { anyNaN } from './any-nan.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'galvani-map-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a map survives the round trip, with names that hold dots', async () => {
  const map: StatisticMap = {
    sites: [
      { site: 'model.layers.0.fc1', kind: 'linear', width: 2 },
      { site: 'model.layers.0', kind: 'block', width: 1 },
      { site: 'model.layers.0.fc2', kind: 'linear', width: 1 },
    ],
    flags: Uint8Array.of(0, 1, 0, 2),
    contrasts: new Map([
      [
        'pathology - rest',
        { t: Float64Array.of(1.5, Number.NaN, -300, 7), log10_p: Float64Array.of(-1, Number.NaN, -3199.1, -9) },
      ],
      ['v1.2', { t: Float64Array.of(0, 1, 2, 3) }],
      ['10', { t: Float64Array.of(0, 1, 2, 3) }],
      ['__proto__', { t: Float64Array.of(4, 1, 2, 3) }],
      ['constructor', { t: Float64Array.of(5, 1, 2, 3) }],
      ['1', { t: Float64Array.of(6, 1, 2, 3) }],
    ]),
    facts: { noise: 'prompt', df: '67' },
  };
  const path = join(folder, 'block-00.arrow');
  await writeMap(path, map);
  expect(await readMap(path)).toEqual(map);
  const file = await openArrowFile(path);
  const [, kind] = (await file.batch(0)).columns;
  await file.close();
  // A dictionary that repeats a value is Arrow, and pandas refuses it.
  expect([...kind.dictionary!]).toEqual(['linear', 'block']);
  expect([...kind.values.subarray(0, 4)]).toEqual([0, 0, 1, 0]);
});

test('what a map repeats for every unit takes next to nothing', async () => {
  const width = 20_000;
  const t = Float32Array.from({ length: width }, (_, u) => Math.sin(u * u));
  const map: StatisticMap = {
    sites: [{ site: 'a', kind: 'linear', width }],
    flags: new Uint8Array(width),
    marks: { copyOf: new Int32Array(width).fill(-1), unreachable: new Uint8Array(width) },
    contrasts: new Map([['c', { t, log10_p_familywise: new Float64Array(width) }]]),
    facts: {},
  };
  const path = join(folder, 'repeated.arrow');
  const { bytes } = await writeMap(path, map);
  // t and the units' numbers.
  expect(bytes).toBeLessThan(8 * width + 5000);
  expect(await readMap(path)).toEqual(map);
});

test('the same statistics give the same bytes, whatever the bits of their NaN', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(anyNaN(Float64Array), anyNaN(Float64Array)), { minLength: 1, maxLength: 5 }),
      async (pairs) => {
        const written = async (k: 0 | 1) => {
          const t = Float64Array.of(1, ...pairs.map((pair) => pair[k]));
          const sites = [{ site: 'a', kind: 'linear', width: t.length }];
          const map = { sites, flags: new Uint8Array(t.length), contrasts: new Map([['c', { t }]]), facts: {} };
          return writeMap(join(folder, 'nan.arrow'), map);
        };
        expect(await written(0)).toEqual(await written(1));
      },
    ),
    { numRuns: 10 },
  );
});

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMap, type StatisticMap, writeMap } from '@galvani/artifact';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, expect, test } from 'vitest';

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
  const table = tableFromIPC(await readFile(path));
  expect([...table.getChild('kind')!]).toEqual(['linear', 'linear', 'block', 'linear']);
  // A dictionary that repeats a value is Arrow, and pandas refuses it.
  expect([...table.getChild('kind')!.data[0].dictionary!]).toEqual(['linear', 'block']);
});

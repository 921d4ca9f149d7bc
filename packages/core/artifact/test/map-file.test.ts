import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMap, type StatisticMap, writeMap } from '@galvani/artifact';
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
    ],
    flags: Uint8Array.of(0, 1, 0),
    contrasts: {
      'pathology - rest': {
        t: Float64Array.of(1.5, Number.NaN, -300),
        log10_p: Float64Array.of(-1, Number.NaN, -3199.1),
      },
      'v1.2': { t: Float64Array.of(0, 1, 2) },
    },
    facts: { noise: 'prompt', df: '67' },
  };
  const path = join(folder, 'block-00.arrow');
  await writeMap(path, map);
  expect(await readMap(path)).toEqual(map);
});

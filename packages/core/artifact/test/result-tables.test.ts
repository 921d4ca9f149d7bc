import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { networkOverlapTable, networkUnitTable, predictionTable } from '../src/index.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'galvani-results-'));
});

test('an overlap that is undefined stays NaN', async () => {
  const path = join(folder, 'overlap.parquet');
  const row = {
    task_a: 'a',
    task_b: 'b',
    members_a: 0,
    members_b: 0,
    same: 0,
    opposed: 0,
    dice: Number.NaN,
    opposed_dice: Number.NaN,
    jaccard: Number.NaN,
    expected_dice: Number.NaN,
    expected_opposed_dice: Number.NaN,
    lower: Number.NaN,
    upper: Number.NaN,
    relabelled_dice: Number.NaN,
    p: Number.NaN,
    p_over_pairs: Number.NaN,
    opposed_p: Number.NaN,
    opposed_p_over_pairs: Number.NaN,
  };
  await networkOverlapTable.write(path, [row]);
  expect(await networkOverlapTable.read(path)).toEqual([row]);
});

test('a study whose networks are all empty has a table without rows', async () => {
  const path = join(folder, 'units.parquet');
  await networkUnitTable.write(path, []);
  expect(await networkUnitTable.read(path)).toEqual([]);
});

test('predictions keep flags and the empty prompt of a run', async () => {
  const path = join(folder, 'predictions.parquet');
  const run = { level: 'run', run: 'ses-01_task-a', session: 1, task: 'a', prompt_id: '', identified: 'b' };
  const rows = [
    { ...run, correct: false },
    { ...run, level: 'prompt', prompt_id: 'a-007', identified: 'a', correct: true },
  ];
  await predictionTable.write(path, rows);
  expect(await predictionTable.read(path)).toEqual(rows);
});

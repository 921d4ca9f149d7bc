import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  readNetworkOverlap,
  readNetworkRepeatability,
  readNetworkSizes,
  readNetworkUnits,
  type StatisticMap,
} from '@galvani/artifact';
import { runGlm } from '@galvani/glm';
import { membership, runNetworks } from '@galvani/networks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SyntheticStudy, syntheticStudy } from '../../../../test/synthetic-study.js';

let study: SyntheticStudy;
beforeAll(async () => {
  study = await syntheticStudy({
    tasks: ['fossils', 'cells'],
    input: { glm: { relabellings: 400, runRelabellings: 100 } },
  });
  await runGlm({ study: study.folder.root, signal: new AbortController().signal });
  await runNetworks({ study: study.folder.root });
});
afterAll(() => rm(study.folder.root, { recursive: true, force: true }));

test('tables agree with each other and with what was planted', async () => {
  const path = (name: string) => join(study.folder.networks, name);
  const units = await readNetworkUnits(path('units.parquet'));
  const sizes = await readNetworkSizes(path('sizes.parquet'));
  const overlap = await readNetworkOverlap(path('overlap.parquet'));
  for (const task of ['fossils', 'cells']) {
    const own = units.filter((unit) => unit.task === task);
    const counted = sizes.filter((size) => size.task === task).reduce((sum, { members }) => sum + members, 0);
    expect(counted).toBe(own.length);
    expect(own.length).toBeGreaterThanOrEqual(study.planted[task].size);
    expect(overlap.find((row) => row.task_a === task && row.task_b === task)).toMatchObject({
      members_a: own.length,
      dice: 1,
    });
  }
  expect(sizes.reduce((sum, { units }) => sum + units, 0)).toBe(2 * study.units);
});

test('runs of one task repeat more than runs of two', async () => {
  const rows = await readNetworkRepeatability(join(study.folder.networks, 'repeatability.parquet'));
  expect(rows).toHaveLength(2 * 2 * 3);
  const mean = (same: boolean) => {
    const own = rows.filter((row) => (row.task === row.other_task) === same);
    return own.reduce((sum, { dice }) => sum + dice, 0) / own.length;
  };
  expect(mean(true)).toBeGreaterThan(0.6);
  expect(mean(false)).toBeLessThan(0.3);
});

test('membership obeys alpha, effect size and sign', () => {
  const map: StatisticMap = {
    sites: [{ site: 'a', kind: 'linear', width: 5 }],
    flags: new Uint8Array(5),
    contrasts: {
      x: {
        d: Float64Array.of(1, -1, 0.1, 1, Number.NaN),
        log10_p_familywise: Float64Array.of(-2, Math.log10(0.05), -3, -1, Number.NaN),
      },
    },
    facts: {},
  };
  const rule = { correction: 'familywise', alpha: 0.05, minimumEffect: 0.5, sign: 'both' } as const;
  expect([...membership(map, 'x', rule)]).toEqual([1, -1, 0, 0, 0]);
  expect([...membership(map, 'x', { ...rule, sign: 'negative' })]).toEqual([0, -1, 0, 0, 0]);
  expect([...membership(map, 'x', { ...rule, minimumEffect: 0 })]).toEqual([1, -1, 1, 0, 0]);
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMap } from '@galvani/artifact';
import { fitSeries, fitSeriesFiles, type SeriesEvent } from '@galvani/glm';
import { randomStream } from '@galvani/numerics';
import type { TContrastResult } from '@galvani/statistics';
import { expect, test } from 'vitest';

const [rows, units] = [48, 4];
const events: SeriesEvent[] = Array.from({ length: 12 }, (_, p) => ({
  onset: p * 4,
  duration: 4,
  trialType: p % 2 === 1 ? 'task' : 'rest',
  prompt: String(p),
}));
const stream = randomStream(11, 'unit factors');
/** A unit as it is, one very small, one very large, and one constant. */
const scales = [1, 1e-200, 1e160, 0];
const plain = Float64Array.from({ length: rows * units }, (_, at) => {
  const task = (Math.floor(at / units) >> 2) % 2;
  return at % units === 3 ? 5 : 10 + stream.normal() + task;
});
const inScales = (values: Float64Array) => values.map((value, at) => value * (scales[at % units] || 1));
const scaled = inScales(plain);

test.each(['prompt', 'ols', 'ar1', 'ar1+prompt', 'arma11'] as const)(
  't does not depend on the scale of a unit: %s',
  async (noise) => {
    const fit = async (series: Float64Array) => {
      const result = await fitSeries({ series, rows, units, events, config: { noise, relabellings: 100 } });
      return {
        flags: result.fit.flags,
        task: result.contrasts.get('task') as TContrastResult & { log10pFamilywise: Float64Array },
      };
    };
    const [expected, found] = [await fit(plain), await fit(scaled)];
    expect([...found.flags]).toEqual([0, 0, 0, 1]);
    for (const u of [0, 1, 2])
      for (const name of ['t', 'log10p', 'd', 'log10pFamilywise'] as const)
        expect(found.task[name][u] / expected.task[name][u], `${name} ${u}`).toBeCloseTo(1, 6);
    expect(found.task.effect[0]).toBe(expected.task.effect[0]);
    expect(found.task.effect[1] / 1e-200 / expected.task.effect[1]).toBeCloseTo(1, 6);
    expect(found.task.effect[2] / 1e160 / expected.task.effect[2]).toBeCloseTo(1, 6);
  },
);

test('of runs that are fitted together, alone and joined by fixed effects', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'galvani-factors-'));
  const at = (name: string) => join(folder, name);
  const lines = events.map(({ onset, duration, trialType }) => `${onset},${duration},${trialType}`);
  await writeFile(at('events.csv'), `onset,duration,trial_type\n${lines.join('\n')}\n`);
  await writeFile(at('glm.yaml'), 'noise: ols\n');
  const other = plain.map((value, i) => value + (i % units === 3 ? 0 : i % 7));
  const fit = async (name: string, series: Float64Array, second: Float64Array) => {
    await writeFile(at('1.npy'), npy(series));
    await writeFile(at('2.npy'), npy(second));
    const [both, table] = [[at('1.npy'), at('2.npy')], at('events.csv')];
    await fitSeriesFiles({ series: both, events: [table, table], config: at('glm.yaml'), out: at(name) });
    const maps = ['map', 'runs/2', 'fixed-effects'].map((map) => readMap(at(`${name}/${map}.arrow`)));
    return (await Promise.all(maps)).map(({ contrasts }) => contrasts.get('task')!);
  };
  const [expected, found] = [await fit('plain', plain, other), await fit('scaled', scaled, inScales(other))];
  for (const [m, own] of found.entries())
    for (const u of [0, 1, 2]) {
      expect(own.t![u] / expected[m].t![u], `${m} ${u}`).toBeCloseTo(1, 6);
      expect(own.effect![u] / scales[u] / expected[m].effect![u], `${m} ${u}`).toBeCloseTo(1, 6);
    }
  await rm(folder, { recursive: true });
});

/** A series as numpy.save writes it. */
function npy(values: Float64Array): Uint8Array {
  const text = `{'descr': '<f8', 'fortran_order': False, 'shape': (${rows}, ${units}), }`;
  const start = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]);
  return Buffer.concat([start, Buffer.from(text.padEnd(117).concat('\n')), Buffer.from(values.buffer)]);
}

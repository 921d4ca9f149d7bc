import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fitSeries, fitSeriesFiles, type SeriesConfigInput, type SeriesEvent } from '@galvani/glm';
import { randomStream } from '@galvani/numerics';
import type { FContrastResult, TContrastResult } from '@galvani/statistics';
import { expect, test } from 'vitest';

const [rows, units] = [96, 2];
const events: SeriesEvent[] = Array.from({ length: 24 }, (_, p) => ({
  onset: p * 4,
  duration: 4,
  trialType: p % 2 === 1 ? 'task' : 'rest',
  prompt: String(p),
}));
const stream = randomStream(7, 'units of regressors');
const isTask = (row: number) => (row >> 2) % 2;
const ofPrompt = Float64Array.from({ length: 24 }, () => stream.normal());
const motion = Float64Array.from({ length: rows }, (_, i) => ofPrompt[i >> 2] + isTask(i) / 2 + 0.1 * stream.normal());
const series = Float64Array.from({ length: rows * units }, (_, at) => {
  const row = Math.floor(at / units);
  return 10 + stream.normal() + motion[row] + 0.8 * isTask(row);
});
const fit = (config: SeriesConfigInput, confounds: Record<string, Float64Array>) =>
  fitSeries({ series, rows, units, events, config, confounds });
const noises = ['prompt', 'ols', 'ar1', 'ar1+prompt', 'arma11'] as const;

test.each(noises)('no t, F or p depends on the units of a confound or on factors of weights: %s', async (noise) => {
  const found = async (scale: number, factor: number) => {
    const contrasts = { k: `${factor}*task`, q: 'motion', F: `F: ${factor}*task, motion` };
    const config = { noise, relabellings: 100, contrasts };
    const result = (await fit(config, { motion: motion.map((value) => value * scale) })).contrasts;
    const [k, q] = ['k', 'q'].map((name) => result.get(name) as TContrastResult & { log10pFamilywise: Float64Array });
    const F = result.get('F') as FContrastResult & { log10pFamilywise: Float64Array };
    return [k.t, k.log10p, k.log10pFamilywise, q.t, q.log10pFamilywise, F.F, F.log10pFamilywise].map((own) => [...own]);
  };
  const expected = await found(1, 1);
  expect(expected.flat().every(Number.isFinite)).toBe(true);
  for (const [scale, factor] of [
    [1e-45, 1],
    [1e-12, 1],
    [1e6, 1],
    [1e45, 1],
    [1, 0.41],
    [1, 1e-20],
    [1, 1e20],
  ])
    for (const [k, own] of (await found(scale, factor)).entries())
      for (const [v, value] of own.entries())
        expect(value / expected[k][v], `${scale} ${factor} ${k}`).toBeCloseTo(1, 6);
});

test.each([1e-200, 1e-160, 1e155, 1e200, 1e305])(
  'a confound whose squares float64 does not hold is refused: %s',
  async (scale) => {
    for (const noise of noises)
      await expect(fit({ noise }, { motion: motion.map((value) => value * scale) })).rejects.toThrow(
        /^'motion', a confound, reaches .* in size, and the largest value of a regressor is between 1e-50 and 1e50/,
      );
  },
);

test('file and column are named, of confounds and of modulators', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'galvani-units-'));
  const at = (name: string) => join(folder, name);
  const lines = events.map(
    ({ onset, duration, trialType }) => `${onset},${duration},${trialType},${1e200 + 1e199 * onset}`,
  );
  await writeFile(at('events.csv'), `onset,duration,trial_type,load\n${lines.join('\n')}\n`);
  await writeFile(at('confounds.csv'), `small\n${Array.from(motion, (value) => value * 1e-200).join('\n')}\n`);
  await writeFile(at('series.npy'), npy());
  const fitted = async (config: string) => {
    await writeFile(at('glm.yaml'), config);
    await fitSeriesFiles({
      series: [at('series.npy')],
      events: [at('events.csv')],
      config: at('glm.yaml'),
      out: at('out'),
    });
  };
  await expect(fitted('noise: ols\nconfounds: confounds.csv\n')).rejects.toThrow(
    /'small', a column of .*confounds\.csv, reaches \d.*e-200 in size/,
  );
  await expect(fitted('noise: ols\nmodulators: [load]\n')).rejects.toThrow(
    /'load', a modulator in .*glm\.yaml, reaches \d.*e\+20\d in size/,
  );
  await expect(fitted('noise: ols\nregressor: { kind: glover }\nmodulators: [load]\n')).rejects.toThrow(
    /'load', a regressor of the conditions \(a trial_type in .*events\.csv\), reaches/,
  );
  await rm(folder, { recursive: true });
});

test.each(noises)(
  'columns that are collinear but for rounding are named instead of being fitted: %s',
  async (noise) => {
    for (const share of [1e-7, 3e-8, 1e-8]) {
      const near = Float64Array.from({ length: rows }, (_, i) => ofPrompt[i >> 2] + share * Math.sin(i >> 2));
      const wanted = fit({ noise }, { first: Float64Array.from({ length: rows }, (_, i) => ofPrompt[i >> 2]), near });
      await expect(wanted).rejects.toThrow(
        /^The design cannot be fitted: columns 'first', 'near' are collinear but for \de-\d+/,
      );
      await expect(wanted).rejects.toHaveProperty('name', 'UserMistake');
    }
  },
);

/** The series as numpy.save writes it. */
function npy(): Uint8Array {
  const text = `{'descr': '<f8', 'fortran_order': False, 'shape': (${rows}, ${units}), }`;
  const start = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]);
  return Buffer.concat([start, Buffer.from(text.padEnd(117).concat('\n')), Buffer.from(series.buffer)]);
}

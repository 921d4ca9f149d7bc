import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type CalibrationRate, calibrationTable } from '@galvani/artifact';
import { calibrationText, calibrationTrials, readRestActivations } from '@galvani/calibrate';
import { openResults, type Results } from '@galvani/results';
import { calibrateOnActivations } from '@galvani/statistics';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SyntheticStudy, syntheticStudy } from '../../../../test/synthetic-study.js';

const tasks = ['fossils', 'cells'];
let study: SyntheticStudy;
let results: Results;
beforeAll(async () => {
  study = await syntheticStudy({ tasks });
  results = await openResults(study.folder, 'calibrate');
});
afterAll(() => rm(study.folder.root, { recursive: true, force: true }));

test('off blocks of all runs are read, and nothing of a task', async () => {
  const rest = await readRestActivations(results, 1000, 1);
  expect(rest.units).toBe(study.units);
  // Six runs of twelve off prompts of four tokens.
  expect(rest.layout.run.length).toBe(6 * 12 * 4);
  expect(new Set(rest.layout.prompt)).toEqual(new Set([0, 1, 2, 3, 4, 5, 12, 13, 14, 15, 16, 17]));
  for (const unit of study.planted.fossils.keys()) {
    const own = Array.from({ length: 48 }, (_, row) => rest.series[row * rest.units + unit]);
    const mean = own.reduce((sum, value) => sum + value / 48, 0);
    expect(Math.abs(mean - (100 + unit + 0.5))).toBeLessThan(1.2);
  }
});

test('a sample of units is the same for the same seed, in the order of the model', async () => {
  const all = await readRestActivations(results, 1000, 1);
  const some = await readRestActivations(results, 10, 1);
  const again = await readRestActivations(results, 10, 1);
  expect(again.series).toEqual(some.series);
  const first = (rest: typeof all) => Array.from(rest.series.subarray(0, rest.units));
  const places = first(some).map((value) => first(all).indexOf(value));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(places.every((place) => place >= 0)).toBe(true);
});

test('rest prompts labelled at random give nominal rates', async () => {
  const { series, layout } = await readRestActivations(results, 40, 1);
  const rows = await calibrateOnActivations({ series, layout, studies: 60, relabellings: 99 });
  const of = (measure: string, correction: string) =>
    rows.find((row) => row.measure === measure && row.correction === correction)!;
  expect(of('false positives of t', 'none').estimate).toBeLessThan(0.08);
  expect(of('family-wise error', 'maximum').lower).toBeLessThan(0.05);
});

const base = { noise: 'white', model: 'ols', correction: 'none', nominal: 0.05, trials: 100 };
const rates: CalibrationRate[] = [
  { ...base, measure: 'false positives of t', estimate: 0.051, lower: 0.04, upper: 0.06 },
  { ...base, noise: 'ar1 .3', measure: 'false positives of t', estimate: 0.2, lower: 0.18, upper: 0.22 },
  { ...base, measure: 'coverage', nominal: 0.95, estimate: 0.9, lower: 0.88, upper: 0.92 },
  { ...base, measure: 'false discovery proportion', estimate: 0.3, lower: 0.2, upper: 0.4 },
  { ...base, correction: 'bh', measure: 'family-wise error', estimate: 0.05, lower: 0, upper: 0.1, trials: 7 },
];

test('the table marks rates that are surely worse than nominal', () => {
  const text = calibrationText(rates);
  expect(text).toContain(`### False positives of t, nominally 5%

| model | correction | white | ar1 .3 |
| ----- | ---------- | ----: | -----: |
| ols   | none       |   5.1 |  20.0* |`);
  expect(text).toContain('90.0*');
  expect(text).toContain('30.0 |');
  expect(calibrationTrials(rates)).toBe('Trials behind each rate, at most: ols 7 studies (100 units).');
});

test('prompts have a table of their own, both statistics side by side', () => {
  const own = { ...base, noise: 'task x4', measure: 'family-wise error', correction: 'maximum', trials: 1000 };
  const text = calibrationText([
    ...rates,
    { ...own, model: 'prompt', estimate: 0.051, lower: 0.038, upper: 0.067 },
    { ...own, model: 'prompt, pooled', estimate: 0.52, lower: 0.49, upper: 0.55 },
  ]);
  const [heading, , columns, , row] = text.split('\n');
  expect(heading).toBe('### Prompts, at 5%');
  expect(columns).toMatch(/^\| noise {3}\| family-wise error: prompt \| {4}prompt, pooled \| false positives: prompt/);
  expect(row).toMatch(/^\| task x4 \| +5\.1 \(3\.8-6\.7\) \| 52\.0\* \(49\.0-55\.0\) \|/);
  expect(text).toContain('### False positives of t, nominally 5%');
});

test('rates are kept in Parquet as they are', async () => {
  const path = join(study.folder.root, 'calibrate/calibration.parquet');
  await calibrationTable.write(path, rates);
  expect(await calibrationTable.read(path)).toEqual(rates);
});

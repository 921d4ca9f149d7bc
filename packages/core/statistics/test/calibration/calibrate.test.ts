import { clopperPearson, randomStream } from '@galvani/numerics';
import { beforeAll, describe, expect, test } from 'vitest';
import { type CalibrationRow, calibrate, calibrateOnActivations, uniformLayout } from '../../src/index.js';

/** Hits and trials of rows together. */
function pooled(rows: CalibrationRow[]): [hits: number, trials: number] {
  const trials = rows.reduce((sum, row) => sum + row.trials, 0);
  return [Math.round(rows.reduce((sum, row) => sum + row.estimate * row.trials, 0)), trials];
}

/** That a proportion agrees with what it should be: the seed is fixed, and one seed in a million would fail. */
function expectRate([hits, trials]: [number, number], nominal: number): void {
  const { lower, upper } = clopperPearson(hits, trials, 1 - 1e-6);
  expect(nominal).toBeGreaterThan(lower);
  expect(nominal).toBeLessThan(upper);
}

describe('calibration of the default, in brief', () => {
  let rows: CalibrationRow[];
  const pick = (measure: string, correction: string, nominal = 0.05, model = 'prompt') =>
    rows.filter(
      (row) =>
        row.measure === measure && row.correction === correction && row.nominal === nominal && row.model === model,
    );

  beforeAll(async () => {
    rows = await calibrate({ models: ['prompt'], studies: 20, relabellings: 99, seed: 3 });
  }, 60_000);

  test('has every noise', () => {
    expect(new Set(rows.map((row) => row.noise)).size).toBe(8);
  });

  test('keeps unit-wise false positives at their level on every noise', () => {
    for (const measure of ['false positives of t', 'false positives of F']) {
      for (const row of pick(measure, 'none')) expectRate(pooled([row]), 0.05);
      expectRate(pooled(pick(measure, 'none')), 0.05);
      expectRate(pooled(pick(measure, 'none', 0.001)), 0.001);
    }
    expectRate(pooled(pick('false positives of t', 'relabelling')), 0.05);
  });

  test('keeps the family-wise error at its level', () => {
    expectRate(pooled(pick('family-wise error', 'maximum')), 0.05);
    const strong = pick('false discovery proportion', 'step-down maximum', 0.05, 'prompt, pooled');
    expect(strong.reduce((sum, row) => sum + row.estimate, 0) / strong.length).toBeLessThan(0.02);
  });

  test('keeps the false discovery rate under its level, with power', () => {
    const found = pick('false discovery proportion', 'bh');
    const mean = found.reduce((sum, row) => sum + row.estimate, 0) / found.length;
    expect(mean).toBeGreaterThan(0.02);
    expect(mean).toBeLessThan(0.06);
    const sensitivity = (correction: string) => pooled(pick('sensitivity', correction, 0.05, 'prompt, pooled'))[0];
    expect(sensitivity('none')).toBeGreaterThan(sensitivity('bh'));
    expect(sensitivity('bh')).toBeGreaterThan(sensitivity('maximum'));
    expect(sensitivity('step-down maximum')).toBeGreaterThanOrEqual(sensitivity('maximum'));
  });

  test('covers the planted effect', () => {
    expectRate(pooled(pick('coverage', 'none', 0.95)), 0.95);
  });

  test('gives the same rows for the same seed, others for another', async () => {
    const options = { models: ['prompt'], noises: ['white'], studies: 4, units: 20, seed: 9 } as const;
    const progress: number[] = [];
    const first = await calibrate(options, (done) => progress.push(done));
    expect(await calibrate(options)).toEqual(first);
    expect(await calibrate({ ...options, seed: 10 })).not.toEqual(first);
    expect(progress.at(-1)).toBe(4);
  });
});

describe('a calibration that cannot be', () => {
  test('says which noises there are', async () => {
    await expect(calibrate({ noises: ['pink'] })).rejects.toThrow(/no noise called "pink".*white, ar1 \.3/);
  });
});

describe('calibration of other noise models', () => {
  test('shows what least squares on tokens does', async () => {
    const rows = await calibrate({ models: ['ols'], noises: ['white', 'ar1 .6', 'ar1 .3 + prompt'], studies: 20 });
    const rate = (noise: string, measure: string) =>
      rows.find((row) => row.noise === noise && row.measure === measure && row.nominal === 0.05)!.estimate;
    expectRate([Math.round(1000 * rate('white', 'false positives of t')), 1000], 0.05);
    for (const noise of ['ar1 .6', 'ar1 .3 + prompt']) {
      expect(rate(noise, 'false positives of t')).toBeGreaterThan(0.2);
      expect(rate(noise, 'false positives of F')).toBeGreaterThan(0.6);
    }
  });
});

describe('calibration on given activations', () => {
  test('is the same from tokens as from prompt means', async () => {
    const stream = randomStream(6, 'tokens');
    const units = 4;
    const tokens = 3;
    const series = Float64Array.from({ length: 24 * tokens * units }, () => stream.normal());
    const means = Float64Array.from({ length: 24 * units }, (_, i) => {
      const [prompt, unit] = [Math.floor(i / units), i % units];
      return [0, 1, 2].reduce((sum, token) => sum + series[(prompt * tokens + token) * units + unit] / tokens, 0);
    });
    const options = { studies: 6, relabellings: 19 };
    const fromTokens = await calibrateOnActivations({ ...options, series, layout: uniformLayout(2, 12, tokens) });
    expect(await calibrateOnActivations({ ...options, series: means, layout: uniformLayout(2, 12, 1) })).toEqual(
      fromTokens,
    );
    const both = await calibrateOnActivations({
      ...options,
      series,
      layout: uniformLayout(2, 12, tokens),
      models: ['prompt', 'ols'],
    });
    expect(both.filter((row) => row.model !== 'ols')).toEqual(fromTokens);
    expect(both.some((row) => row.model === 'ols' && row.measure === 'family-wise error')).toBe(true);
  });

  test('finds nothing too often, whatever the units look like', async () => {
    const layout = uniformLayout(4, 12, 1);
    const stream = randomStream(5, 'activations');
    const units = 60;
    // Units that share a factor, with heavy tails, and a constant one.
    const series = new Float32Array(48 * units);
    for (let b = 0; b < 48; b++) {
      const shared = stream.normal();
      for (let u = 0; u < units; u++) series[b * units + u] = u === 0 ? 4 : shared + stream.normal() ** 3;
    }
    const rows = await calibrateOnActivations({ series, layout, studies: 80, relabellings: 99 });
    const maximum = rows.find((row) => row.correction === 'maximum')!;
    expect(maximum.measure).toBe('family-wise error');
    expectRate(pooled([maximum]), 0.05);
    const alone = rows.find((row) => row.correction === 'relabelling')!;
    expect(alone.lower).toBeLessThan(0.05);
    expect(alone.upper).toBeGreaterThan(0.05);
  });
});

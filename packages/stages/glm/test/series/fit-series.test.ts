import { fitSeries, type SeriesConfigInput, type SeriesEvent, seriesConfigSchema, seriesDesign } from '@galvani/glm';
import { randomStream } from '@galvani/numerics';
import { contrastT, createEstimator, designOf, type TContrastResult, uniformLayout } from '@galvani/statistics';
import { expect, test } from 'vitest';

const blocks: SeriesEvent[] = Array.from({ length: 12 }, (_, p) => ({
  onset: p * 5,
  duration: 5,
  trialType: Math.floor(p / 3) % 2 === 1 ? 'task' : 'rest',
  prompt: String(p),
  values: { load: (p * 7) % 5 },
}));
const stream = randomStream(1, 'series');
const rows = 60;
const units = 7;
const series = Float64Array.from({ length: rows * units }, () => 50 + stream.normal());
const run = (config: SeriesConfigInput, events = blocks) => fitSeries({ series, rows, units, events, config });

test('the documented example', async () => {
  const events = [
    { onset: 0, duration: 2, trialType: 'rest' },
    { onset: 2, duration: 2, trialType: 'task' },
    { onset: 4, duration: 2, trialType: 'rest' },
    { onset: 6, duration: 2, trialType: 'task' },
  ];
  const few = Float32Array.of(1, 2, 5, 6, 2, 3, 6, 7);
  const { contrasts } = await fitSeries({ series: few, rows: 8, units: 1, events, config: { noise: 'prompt' } });
  const task = contrasts.get('task') as TContrastResult;
  expect(task.effect[0]).toBeCloseTo(4, 12);
  expect(task.t[0]).toBeCloseTo(5.6569, 4);
  expect((task.df as Float64Array)[0]).toBeCloseTo(2, 12);
});

test.each(['prompt', 'ols', 'ar1', 'ar1+prompt', 'arma11'] as const)(
  '%s is what the estimator gives',
  async (noise) => {
    const { contrasts, fit } = await run({
      noise,
      variance: 'pooled',
      ...(noise === 'prompt' ? { relabellings: 100 } : {}),
    });
    const layout = uniformLayout(1, 12, 5);
    const task = Array.from(layout.prompt, (p) => Math.floor(p / 3) % 2);
    const design = designOf({ task, 'run 1': new Float64Array(rows).fill(1) });
    const estimator = createEstimator(noise, design, layout, units);
    estimator.add(series, 0);
    const wanted = contrastT(estimator.finish(), Float64Array.of(1, 0), 'task');
    const found = contrasts.get('task') as TContrastResult;
    expect(found.t).toEqual(wanted.t);
    expect(fit.design.names).toEqual(['task', 'run 1']);
  },
);

test('relabelling gives family-wise p', async () => {
  const planted = series.slice();
  for (let row = 0; row < rows; row++) if (Math.floor(row / 15) % 2 === 1) planted[row * units] += 5;
  const { contrasts } = await fitSeries({
    series: planted,
    rows,
    units,
    events: blocks,
    config: { relabellings: 300 },
  });
  const task = contrasts.get('task')!;
  expect(task.log10pFamilywise![0]).toBeLessThan(Math.log10(0.02));
  expect(task.familywise!.maxima.length).toBe(300);
});

test('a course over tokens averages to the boxcar, and its bins can be compared', async () => {
  const config = { regressor: { kind: 'fir', length: 3, width: 2 } } as const;
  const contrasts = {
    task: 'task',
    late: '"task[4+]" - "task[0-1]"',
    course: 'F: "task[0-1]", "task[2-3]", "task[4+]"',
  };
  const fir = await run({ noise: 'ols', ...config, contrasts });
  const boxcar = await run({ noise: 'ols' });
  const [a, b] = [fir, boxcar].map((each) => (each.contrasts.get('task') as TContrastResult).effect);
  for (let v = 0; v < units; v++) expect(a[v]).toBeCloseTo(b[v], 10);
  expect(fir.design.names).toEqual(['task[0-1]', 'task[2-3]', 'task[4+]', 'run 1']);
  expect(fir.contrasts.get('course')).toMatchObject({ kind: 'F', df1: 3 });
});

test('modulators, drift and confounds become columns', async () => {
  const confound = Float64Array.from({ length: rows }, (_, i) => Math.sin(i));
  const { design, report } = await fitSeries({
    series,
    rows,
    units,
    events: blocks,
    config: {
      noise: 'ols',
      modulators: ['load', { value: 'load', of: 'tasks' }],
      drift: { kind: 'polynomial', order: 2 },
    },
    confounds: { motion: confound },
  });
  expect(design.names).toEqual(['task', 'load', 'task:load', 'motion', 'run 1 drift_1', 'run 1 drift_2', 'run 1']);
  expect(report.rank).toBe(7);
  for (let j = 1; j < 6; j++) {
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += design.X[i * design.columns + j];
    expect(Math.abs(sum)).toBeLessThan(1e-9);
  }
});

test('haemodynamic responses run through an unbroken run, and events may overlap', () => {
  const events = [
    { onset: 2, duration: 4, trialType: 'a', values: { load: 1 } },
    { onset: 4.5, duration: 4, trialType: 'b', values: { load: 3 } },
    { onset: 30, duration: 4, trialType: 'a', values: { load: 2 } },
  ];
  const config = seriesConfigSchema.parse({
    noise: 'ar1-nilearn',
    regressor: { kind: 'glover', derivative: true, tr: 2 },
    modulators: ['load'],
  });
  const { model, inPrompts } = seriesDesign([{ name: '1', rows: 60, events }], config);
  expect(inPrompts).toBe(false);
  expect(model.design.names).toEqual(['a', 'a_derivative', 'b', 'b_derivative', 'load', 'run 1']);
});

const overlap = [...blocks.slice(0, 3), { onset: 14, duration: 3, trialType: 'task', prompt: 'x' }];
test.each([
  [{ noise: 'white' } as never, blocks, /^config: noise is "white": must be one of "prompt"/],
  [{}, overlap, /Run 1: events rest \(onset 10\) and task \(onset 14\) overlap at row 14/],
  [{ rest: ['rest', 'task'] }, blocks, /Every event is baseline/],
  [{ contrasts: { x: 'tusk' } }, blocks, /unknown name 'tusk'/],
  [{ modulators: ['weight'] }, blocks, /There is no modulator weight; there are: load/],
  [{ noise: 'ols', regressor: { kind: 'spm' } }, blocks, /spm runs on from prompt to prompt/],
  [{ noise: 'ols', regressor: { kind: 'spm', dispersion: true } }, unbroken(), /needs regressor\.derivative/],
  [{ noise: 'ols', relabellings: 100 }, unbroken(), /rows of an unbroken run follow one another/],
  [{ contrasts: { x: '"task[0]"' } }, blocks, /unknown name/],
] as [SeriesConfigInput, SeriesEvent[], RegExp][])('%j is a mistake', async (config, events, message) => {
  await expect(run(config, events)).rejects.toThrow(message);
  await expect(run(config, events)).rejects.toHaveProperty('name', 'UserMistake');
});

function unbroken(): SeriesEvent[] {
  return blocks.map(({ prompt: _, ...event }) => event);
}

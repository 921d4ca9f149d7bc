import { fitSeries, runsOfEvents, type SeriesConfigInput, type SeriesEvent } from '@galvani/glm';
import { randomStream } from '@galvani/numerics';
import type { TContrastResult } from '@galvani/statistics';
import { parseUserTable } from '@galvani/study';
import { expect, test } from 'vitest';

const blocks = 12;
const rows = blocks * 5;
const stream = randomStream(1, 'seconds');
const series = Float64Array.from({ length: rows }, (_, row) => (row % 10 < 5 ? 2 : 0) + 0.1 * stream.normal());

const fit = async (events: readonly SeriesEvent[], config: SeriesConfigInput = {}) => {
  const { design, contrasts } = await fitSeries({
    series,
    rows,
    units: 1,
    events,
    config: { noise: 'ols', rest: ['b'], ...config },
  });
  return { X: Array.from(design.X), t: [...contrasts.values()].map((each) => (each as TContrastResult).t[0]) };
};
const events = (at: (block: number) => number): SeriesEvent[] =>
  Array.from({ length: blocks }, (_, block) => ({
    onset: at(block),
    duration: at(block + 1) - at(block),
    trialType: block % 2 === 0 ? 'a' : 'b',
    values: { load: block % 3 },
  }));
const whole = events((block) => block * 5);

test.each([
  {},
  { regressor: { kind: 'fir', length: 3 } },
  { regressor: { kind: 'exponential', timeConstant: 2 } },
  { regressor: { kind: 'glover', derivative: true } },
  { modulators: [{ value: 'load', of: 'tasks' }] },
] as SeriesConfigInput[])('seconds over the time between rows give the design of whole rows: %j', async (config) => {
  const right = await fit(whole, config);
  for (const tr of [0.3, 0.7, 0.72, 0.8, 1.4, 2, 2.4]) {
    const divided = await fit(
      events((block) => (block * 5 * tr) / tr),
      config,
    );
    expect(divided.t.every((t, i) => Math.abs(t / right.t[i] - 1) < 1e-9)).toBe(true);
    const milliseconds = Array.from({ length: blocks }, (_, block) => Math.round(block * 5 * tr * 1000) / 1000 / tr);
    const late = await fit(
      whole.map((event, block) => ({ ...event, onset: milliseconds[block] })),
      config,
    );
    for (const [at, value] of right.X.entries()) expect(Math.abs(late.X[at] - value)).toBeLessThan(1e-9);
  }
});

const header = 'onset,duration,trial_type,run';
const read = (text: string, count: number) => runsOfEvents(parseUserTable(text, 'events.csv'), count, [], '1');

test('a run begins at the row that its first onset is a rounding error before', () => {
  const text = `${header}\n0,5,a,x\n4.999999999999999,5,b,x\n9.999999999999998,5.000000000000002,a,y\n15.000000000000002,5,b,y\n`;
  expect(read(text, 20).map((run) => run.rows)).toEqual([10, 10]);
});

test('an event that ends a rounding error after its run, or begins one before the series, is in it', () => {
  expect(read(`${header}\n-1e-16,5,a,x\n5,5.000000001,b,x\n10,10.000000001,a,y\n`, 20)).toHaveLength(2);
  expect(() => read(`${header}\n-0.5,5,a,x\n`, 20)).toThrow('from row -0.5');
  expect(() => read(`${header}\n5,15.5,a,x\n`, 20)).toThrow('to 20.5');
});

test('neighbours that meet a rounding error late do not overlap', async () => {
  const late = whole.map((event) => ({ ...event, duration: 5.000000000000002 }));
  late[blocks - 1].duration = 5;
  expect((await fit(late)).X).toEqual((await fit(whole)).X);
});

test('an event that no row belongs to is refused', async () => {
  const between = [...whole.slice(1), { onset: 0.2, duration: 0.5, trialType: 'a' }];
  await expect(fit(between)).rejects.toThrow(
    'Run 1: event a (onset 0.2, duration 0.5) lies between two rows, so no row is its own.',
  );
});

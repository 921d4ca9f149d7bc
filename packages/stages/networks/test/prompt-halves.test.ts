import { randomStream } from '@galvani/numerics';
import { effectModel, taskDeviates, taskEffect, taskPatterns } from '@galvani/statistics';
import { expect, test } from 'vitest';
import { expectWithinAbsolute, expectWithinRelative } from '../../../../test/closeness.js';
import { promptHalfRows } from '../src/prompt-halves.js';

/** Runs whose task prompts have a pattern of the task's own, times `strength`, about noise of variance 1. */
function planted(strength: number, { task = 8, rest = 8, runs = 2, units = 4000, tasks = 2 } = {}) {
  return Array.from({ length: tasks }, (_, k) => {
    const stream = randomStream(k, 'prompt halves');
    const pattern = Float64Array.from({ length: units }, () => strength * stream.normal());
    const own = Array.from({ length: runs }, () => {
      const isTask = Uint8Array.from({ length: task + rest }, (_, p) => (p < task ? 1 : 0));
      const means = Float64Array.from(
        { length: (task + rest) * units },
        (_, at) => 3 + stream.normal() + (at < task * units ? pattern[at % units] : 0),
      );
      return { means, isTask };
    });
    return taskPatterns(own, units);
  });
}
const all = (units: number) => new Uint8Array(units).fill(1);
const names = ['one', 'two'];

test('halves agree as far as variances say, and the whole by as much as Spearman and Brown say, with one session too', () => {
  for (const runs of [1, 2]) {
    const strength = 0.5;
    const rows = promptHalfRows(names, planted(strength, { runs }), all(4000), 'pooled');
    expect(rows.map(({ task }) => task)).toEqual(['one', 'two', '']);
    // The effect's variance over units is that of the pattern, its noise that of four and four prompts a run.
    const reliability = (perRun: number) => strength ** 2 / (strength ** 2 + 2 / (perRun * runs));
    for (const row of rows)
      expectWithinAbsolute([row.within, row.whole, row.between], [reliability(4), reliability(8), 0], 0.06);
    expectWithinRelative([rows[2].within], [(rows[0].within + rows[1].within) / 2], 1e-12);
  }
  for (const { within, whole } of promptHalfRows(names, planted(0), all(4000), 'separate'))
    expectWithinAbsolute([within, whole], [0, 0], 0.08);
});

test('a half is the map that its prompts alone give; of an odd number the last has no part in it', () => {
  const units = 30;
  const [odd] = planted(1, { task: 5, rest: 7, units });
  const rows = [0, 1].map((half) => {
    const runs = [0, 1].map((run) => {
      const places = [half, half + 2, half + 5, half + 7, half + 9].map((p) => run * 12 + p);
      const means = Float64Array.from(
        places.flatMap((row) => [...odd.values.subarray(row * units, (row + 1) * units)]),
      );
      return { means, isTask: Uint8Array.of(1, 1, 0, 0, 0) };
    });
    const { sums } = taskPatterns(runs, units);
    return taskDeviates(taskEffect(effectModel({ task: 2, rest: 3, runs: 2 }, 'separate'), sums));
  });
  const centred = rows.map((z) => z.map((own) => own - z.reduce((a, b) => a + b, 0) / units));
  const product = (a: Float64Array, b: Float64Array) => a.reduce((sum, own, u) => sum + own * b[u], 0);
  const r =
    product(centred[0], centred[1]) / Math.sqrt(product(centred[0], centred[0]) * product(centred[1], centred[1]));
  expectWithinRelative([promptHalfRows(['one'], [odd], all(units), 'separate')[0].within], [r], 1e-9);
});

test('units that do not count have no part, and prompts that cannot be halved give no rows', () => {
  const patterns = planted(1, { units: 40 });
  const counted = all(40).fill(0, 20);
  const before = promptHalfRows(names, patterns, counted, 'separate');
  for (const { values } of patterns) for (let at = 0; at < values.length; at++) if (at % 40 >= 20) values[at] *= at % 7;
  expect(promptHalfRows(names, patterns, counted, 'separate')).toEqual(before);
  expect(promptHalfRows(names, planted(1, { task: 1, units: 5 }), all(5), 'separate')).toEqual([]);
});

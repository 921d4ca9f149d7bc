import { randomStream } from '@galvani/numerics';
import { expect, test } from 'vitest';
import { expectWithinAbsolute } from '../../../../../test/closeness.js';
import { effectModel, promptEffects, runSums, taskEffect } from '../../src/index.js';

test.each(['separate', 'pooled'] as const)('runs of one size have the effects of their sums: %s', (variance) => {
  const [runs, prompts, units] = [3, 9, 7];
  const stream = randomStream(4, 'prompt effects');
  const isTask = Uint8Array.from({ length: prompts }, (_, p) => (p >= 3 && p < 6 ? 1 : 0));
  const values = Float64Array.from({ length: runs * prompts * units }, (_, i) =>
    i % units === 6 ? 5 : stream.normal() + (isTask[Math.floor(i / units) % prompts] ? i % 3 : 0),
  );
  const rows = [...Array(runs * prompts).keys()];
  const found = promptEffects(
    values,
    units,
    { rows, run: rows.map((row) => Math.floor(row / prompts)), isTask: rows.map((row) => isTask[row % prompts]) },
    variance,
  );
  const sums = Array.from({ length: runs }, (_, r) =>
    runSums(values.subarray(r * prompts * units, (r + 1) * prompts * units), units, isTask),
  );
  const known = taskEffect(effectModel({ task: 3, rest: 6, runs }, variance), sums);
  const t = found.effect.map((effect, u) => effect / Math.sqrt(found.variance[u]));
  expectWithinAbsolute(t.subarray(0, 6), known.t.subarray(0, 6), 1e-10);
  const model = effectModel({ task: 3, rest: 6, runs }, variance);
  const total = (u: number, of: 'sum' | 'taskSquares' | 'restSquares') =>
    sums.reduce((sum, own) => sum + own[of][u], 0);
  for (let u = 0; u < units; u++)
    expect(model.t(total(u, 'sum'), total(u, 'taskSquares'), total(u, 'restSquares'))).toBe(known.t[u]);
  expectWithinAbsolute(found.d.subarray(0, 6), known.d.subarray(0, 6), 1e-10);
  expectWithinAbsolute(found.df.subarray(0, 6), known.df.subarray(0, 6), 1e-9);
  expect(found.effect[6]).toBeNaN();
});

test('prompts that do not tell an effect are refused', () => {
  const given = { rows: [0, 1], run: [0, 0], isTask: [1, 1] };
  expect(() => promptEffects(Float64Array.of(1, 2), 1, given, 'separate')).toThrow(RangeError);
});

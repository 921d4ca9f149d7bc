import { randomStream } from '@galvani/numerics';
import { expect, test } from 'vitest';
import { expectWithinAbsolute } from '../../../../../test/closeness.js';
import { cellSums, cellSumsWithout, effectModel, promptEffects, runSums, taskEffect } from '../../src/index.js';

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

test('a cell without some rows has the sums of those that are left, also where these are nothing beside what is out', () => {
  const [rows, units] = [9, 5];
  const stream = randomStream(6, 'cell without');
  const values = Float32Array.from({ length: rows * units }, (_, at) => {
    const [row, unit] = [Math.floor(at / units), at % units];
    // One unit that moves in a row that goes alone, one that hardly moves beside it, and one that never moves.
    if (unit === 1) return row === 2 ? 1e6 : 0.25;
    if (unit === 2) return row === 2 ? 1e6 : stream.normal();
    return unit === 3 ? 7 : 100 + stream.normal();
  });
  const all = [...Array(rows).keys()];
  const left = all.filter((row) => row !== 2 && row !== 5);
  const into = { mean: new Float64Array(units).fill(3), squares: new Float64Array(units).fill(3) };
  const found = cellSumsWithout(cellSums(values, units, all), values, { left, out: [2, 5] }, into);
  const known = cellSums(values, units, left);
  expect(found.count).toBe(7);
  expect(found.squares[1]).toBe(0);
  expect(found.squares[3]).toBe(0);
  expectWithinAbsolute(found.mean, known.mean, 1e-12);
  expectWithinAbsolute(found.squares, known.squares, 1e-11);
});

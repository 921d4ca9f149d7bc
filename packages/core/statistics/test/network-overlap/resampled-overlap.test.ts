import { randomStream } from '@galvani/numerics';
import { diceInterval, effectModel, type RunMeans, resampledOverlap, runSums, taskPatterns } from '@galvani/statistics';
import { expect, test } from 'vitest';
import { drawPrompts, eachResample, resampleMemory } from '../../src/network-overlap/resampled-sums.js';

const isTask = Uint8Array.of(0, 1, 1, 0, 0, 1, 0);
const units = 5;

function runsOf(name: string, effect: (unit: number) => number, runs = 2): RunMeans[] {
  const noise = randomStream('resampled overlap', name);
  return Array.from({ length: runs }, () => ({
    isTask,
    means: Float64Array.from(
      { length: isTask.length * units },
      (_, i) => noise.normal() + isTask[Math.floor(i / units)] * effect(i % units),
    ),
  }));
}

test('sums of a resample are those of the drawn prompts, deviations scaled', async () => {
  const runs = runsOf('a', (u) => u);
  const patterns = taskPatterns(runs, units);
  const drawn = drawPrompts(patterns, 3, randomStream('draw'));
  const sums = { sum: new Float64Array(3 * units), onTask: new Float64Array(3 * units) };
  for (const part of [
    [0, 2],
    [2, units],
  ] as const) {
    const width = part[1] - part[0];
    const memory = resampleMemory({ runs: runs.length, draws: 3, units: width });
    await eachResample(patterns, drawn, part, memory, (own, draw) => {
      for (const key of ['sum', 'onTask'] as const) sums[key].set(own[key], draw * units + part[0]);
    });
  }
  const stream = randomStream('draw');
  const expected = [0, 1, 2].map(() => ({ sum: new Float64Array(units), task: new Float64Array(units) }));
  for (let r = 0; r < runs.length; r++) {
    const drawn = [0, 1, 2].map(() => new Float64Array(isTask.length * units));
    for (const condition of [0, 1]) {
      const own = [...isTask.keys()].filter((p) => isTask[p] === condition);
      const value = (p: number, u: number) => patterns.values[(r * isTask.length + p) * units + u];
      const factor = Math.sqrt(own.length / (own.length - 1));
      for (const means of drawn)
        for (const to of own) {
          const from = own[stream.integer(own.length)];
          for (let u = 0; u < units; u++) {
            const mean = own.reduce((sum, p) => sum + value(p, u), 0) / own.length;
            means[to * units + u] = mean + factor * (value(from, u) - mean);
          }
        }
    }
    for (const [i, means] of drawn.entries()) {
      const { sum, taskSquares } = runSums(means, units, isTask);
      for (let u = 0; u < units; u++) {
        expected[i].sum[u] += sum[u];
        expected[i].task[u] += taskSquares[u];
      }
    }
  }
  for (const [i, { sum, task }] of expected.entries())
    for (let u = 0; u < units; u++) {
      expect(sums.sum[i * units + u]).toBeCloseTo(sum[u], 4);
      expect(sums.onTask[i * units + u]).toBeCloseTo(task[u], 4);
    }
});

test('networks of strong effects stay as they are, weak ones move', async () => {
  const options = {
    ...{ names: ['a', 'b'], sizes: [2, 2], counted: new Uint8Array(units).fill(1), count: 50, seed: 3 },
    ...{ model: effectModel({ task: 3, rest: 4, runs: 2 }, 'separate'), signOf: Math.sign },
  };
  const error = async (size: number) => {
    const patterns = ['a', 'b'].map((name) =>
      taskPatterns(
        runsOf(name, (u) => (u < 2 ? size : 0)),
        units,
      ),
    );
    return (await resampledOverlap({ ...options, patterns })).standardError;
  };
  const [strong, weak] = [await error(100), await error(1)];
  expect(strong[1]).toBeLessThan(weak[1] / 2);
  expect(weak[2]).toBe(weak[1]);
  expect([strong[0], strong[3]]).toEqual([Number.NaN, Number.NaN]);
});

test('an interval is within 0 and 1, and holds what was found', () => {
  for (const same of [0, 1, 30, 59, 60]) {
    const { lower, upper } = diceInterval(same, 120, 1.5);
    expect(lower).toBeGreaterThanOrEqual(0);
    expect(upper).toBeLessThanOrEqual(1);
    expect(lower).toBeLessThanOrEqual(same / 60 + 1e-12);
    expect(upper).toBeGreaterThanOrEqual(same / 60 - 1e-12);
  }
});

import { randomStream } from '@galvani/numerics';
import { diceInterval, effectModel, type RunMeans, resampledOverlap, runSums, taskPatterns } from '@galvani/statistics';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawPrompts } from '../../src/network-overlap/drawn-prompts.js';
import { resampleScreen } from '../../src/network-overlap/resample-screen.js';
import { resampleMemory } from '../../src/network-overlap/resampled-products.js';
import { eachResample } from '../../src/network-overlap/resampled-sums.js';

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
    const memory = resampleMemory({ runs: runs.length, prompts: isTask.length, draws: 3, units: width });
    await eachResample(patterns, drawn, part, memory, (own, draw) => {
      for (const key of ['sum', 'onTask'] as const) sums[key].set(own[key].subarray(0, width), draw * units + part[0]);
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

test('a screen lets every unit by that reaches its cut, with the same sums, and not all others', async () => {
  const [draws, all] = [6, 90];
  let [visited, passed] = [0, 0];
  const property = fc.asyncProperty(
    fc.nat(1000),
    fc.constantFrom(...(['separate', 'pooled'] as const)),
    fc.constantFrom(0.3, 1, 2, 4),
    fc.constantFrom(0, 3, 1e4),
    async (seed, variance, cut, effect) => {
      const stream = randomStream(seed, 'screen');
      const means = () =>
        Float64Array.from({ length: isTask.length * all }, (_, i) => {
          const u = i % all;
          const value = stream.normal() + (u % 4 === 0 ? effect : 0) * isTask[Math.floor(i / all)];
          // Units that do not vary, are unknown in part, or vary little or much.
          return u % 9 === 1 ? 7 : u % 40 === 2 && i > all ? Number.NaN : value * 10 ** ((u % 7) - 3);
        });
      const patterns = taskPatterns(
        [0, 1].map(() => ({ isTask, means: means() })),
        all,
      );
      const model = effectModel({ task: 3, rest: 4, runs: 2 }, variance);
      const drawn = drawPrompts(patterns, draws, stream);
      const plain = [0, 1, 2].map(() => new Float64Array(draws * all));
      const reached = new Uint8Array(draws * all);
      for (const [from, until] of [
        [0, 64],
        [64, all],
      ] as const) {
        const memory = resampleMemory({ runs: 2, prompts: isTask.length, draws, units: 64 });
        await eachResample(patterns, drawn, [from, until], memory, ({ first, count, sum, onTask, onRest }, draw) => {
          for (const [k, own] of [sum, onTask, onRest].entries())
            plain[k].set(own.subarray(0, count), draw * all + first);
        });
        const screen = resampleScreen(patterns, drawn, model, cut);
        await eachResample(
          patterns,
          drawn,
          [from, until],
          memory,
          ({ first, count, sum, onTask, onRest }, draw) => {
            const at = draw * all + first;
            reached.fill(1, at, at + count);
            for (const [k, own] of [sum, onTask, onRest].entries())
              expect(own.subarray(0, count)).toEqual(plain[k].subarray(at, at + count));
          },
          screen,
        );
      }
      const gain = model.gainOfSquare(cut * cut);
      const [taskWeight, restWeight] = model.squareWeights;
      const [sum, onTask, onRest] = plain;
      for (let at = 0; at < draws * all; at++)
        if (sum[at] ** 2 * gain > taskWeight * onTask[at] + restWeight * onRest[at]) {
          expect(reached[at]).toBe(1);
          passed++;
        }
      visited += reached.reduce((x, y) => x + y, 0);
    },
  );
  await fc.assert(property, { numRuns: 60 });
  expect(passed).toBeGreaterThan(0);
  expect(visited).toBeLessThan(60 * draws * all);
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

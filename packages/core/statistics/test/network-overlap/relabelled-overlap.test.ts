import { clopperPearson, randomStream } from '@galvani/numerics';
import {
  effectModel,
  overlapTest,
  planPermutations,
  type RunMeans,
  relabelledOverlap,
  runSums,
  strongestCut,
  taskEffect,
  taskPatterns,
} from '@galvani/statistics';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const design = { task: 4, rest: 6, runs: 2 };
const prompts = design.task + design.rest;
const model = effectModel(design, 'separate');

/** Runs of noise that units share in part, all at one level. */
function noiseRuns(name: string, units: number): RunMeans[] {
  const noise = randomStream('relabelled overlap', name);
  const loadings = Float64Array.from({ length: 3 * units }, () => noise.normal());
  return Array.from({ length: design.runs }, () => {
    const means = new Float64Array(prompts * units);
    for (let p = 0; p < prompts; p++) {
      const shared = [0, 1, 2].map(() => noise.normal());
      for (let u = 0; u < units; u++)
        means[p * units + u] = 50 + noise.normal() + shared.reduce((sum, f, k) => sum + f * loadings[3 * u + k], 0);
    }
    return { means, isTask: Uint8Array.from({ length: prompts }, (_, p) => (p % 5 < 2 ? 1 : 0)) };
  });
}

const tOf = (runs: readonly RunMeans[], units: number, isTask = runs.map((run) => run.isTask)) =>
  taskEffect(
    model,
    runs.map(({ means }, r) => runSums(means, units, isTask[r])),
  ).t;

/** As many units of each sign as wanted, by sorting. */
function strongest(t: Float64Array, above: number, below: number): Int8Array {
  const order = [...t.keys()].sort((a, b) => t[b] - t[a]);
  const network = new Int8Array(t.length);
  for (const u of order.slice(0, above)) network[u] = 1;
  for (const u of order.slice(t.length - below)) network[u] = -1;
  return network;
}

test('the cut is the k-th largest of any numbers', () => {
  const numbers = fc.array(fc.oneof(fc.double({ noNaN: true }), fc.double({ min: -9, max: 9, noNaN: true })), {
    minLength: 1,
  });
  fc.assert(
    fc.property(numbers, fc.nat(), (values, pick) => {
      const k = 1 + (pick % values.length);
      expect(strongestCut(Float64Array.from(values), k)).toBe(values.toSorted((a, b) => b - a)[k - 1]);
    }),
  );
  expect(strongestCut(Float64Array.of(Number.NaN, 3), 2)).toBe(Number.NEGATIVE_INFINITY);
  expect(strongestCut(Float64Array.of(1), 0)).toBe(Number.POSITIVE_INFINITY);
});

test('relabelled networks are those that fitting each relabelling anew and sorting give', async () => {
  const units = 60;
  const runs = ['a', 'b'].map((name) => noiseRuns(name, units));
  const networks = [strongest(tOf(runs[0], units), 7, 5), strongest(tOf(runs[1], units), 12, 3)];
  const patterns = runs.map((own) => taskPatterns(own, units));
  const counted = new Uint8Array(units).fill(1);
  const options = { names: ['a', 'b'], patterns, networks, counted, model, count: 30, seed: 5 };
  const { same, opposed, count } = await relabelledOverlap(options);
  expect(count).toBe(30);
  const { isTask } = patterns[0];
  const { source } = planPermutations({
    labels: isTask,
    runs: Int32Array.from(isTask, (_, row) => Math.floor(row / prompts)),
    count: 30,
    seed: '5 overlap a',
  });
  for (let r = 0; r < count; r++) {
    const labels = [0, 1].map((run) =>
      Uint8Array.from({ length: prompts }, (_, p) => isTask[source[(r * 2 + run) * prompts + p]]),
    );
    const relabelled = strongest(tOf(runs[0], units, labels), 7, 5);
    const products = relabelled.map((sign, u) => sign * networks[1][u]);
    expect(same[count + r]).toBe(products.filter((own) => own > 0).length);
    expect(opposed[count + r]).toBe(products.filter((own) => own < 0).length);
  }
});

test('without an effect p is small no more often than it says, though units move together', async () => {
  const units = 150;
  const studies = 120;
  const below = { way: 0, pair: 0, pairs: 0 };
  for (let i = 0; i < studies; i++) {
    const names = ['a', 'b', 'c'];
    const runs = names.map((name) => noiseRuns(`${i} ${name}`, units));
    // The first two tasks have responding units in common, which says nothing of the third.
    const networks = runs.map((own) => strongest(tOf(own, units), 25, 15));
    const patterns = runs.map((own) => taskPatterns(own, units));
    const counted = new Uint8Array(units).fill(1);
    const found = await relabelledOverlap({ names, patterns, networks, counted, model, count: 99, seed: i });
    const observed = networks.flatMap((a) =>
      networks.map((b) => a.reduce((sum, sign, u) => sum + (sign * b[u] > 0 ? 1 : 0), 0)),
    );
    const { p, familywise } = overlapTest(observed, found.same, found.count, [true, true, true]);
    const reached = found.same.subarray(99, 198).filter((own) => own >= observed[1]).length;
    if ((reached + 1) / 100 <= 0.2) below.way++;
    if (p[1] <= 0.2) below.pair++;
    if (familywise.some((own) => own <= 0.2)) below.pairs++;
  }
  const most = studies * clopperPearson(0.2 * studies, studies).upper;
  expect(below.way).toBeLessThanOrEqual(most);
  expect(below.way).toBeGreaterThanOrEqual(studies * clopperPearson(0.2 * studies, studies).lower);
  expect(below.pair).toBeLessThanOrEqual(below.way);
  expect(below.pairs).toBeLessThanOrEqual(most);
});

test('a pair is as good as the worse of its two ways, and no better over pairs than alone', () => {
  // Two tasks that share 9 units, one empty: either way relabelled networks share so many in 0 and in 1 of 4 relabellings.
  const shared = new Uint32Array(9 * 4);
  shared.set([1, 2, 3, 2], 1 * 4);
  shared.set([9, 2, 3, 2], 3 * 4);
  const { p, familywise, expected } = overlapTest([0, 9, 0, 9, 0, 0, 0, 0, 0], shared, 4, [true, true, false]);
  expect([p[1], p[3], p[0], p[2]]).toEqual([2 / 5, 2 / 5, Number.NaN, Number.NaN]);
  expect(familywise[1]).toBeGreaterThanOrEqual(2 / 5);
  expect(expected[1]).toBe(3);
});

test('over pairs p is never above that of one step, the same for the surest pair, and rises from it', () => {
  const [tasks, count] = [4, 99];
  for (let seed = 0; seed < 20; seed++) {
    const stream = randomStream(seed, 'step-down');
    const shared = Uint32Array.from({ length: tasks * tasks * count }, () => stream.integer(12));
    const observed = new Float64Array(tasks * tasks);
    for (let a = 0; a < tasks; a++)
      for (let b = 0; b < a; b++) observed[a * tasks + b] = observed[b * tasks + a] = stream.integer(16);
    const { p, familywise } = overlapTest(observed, shared, count, Array(tasks).fill(true));
    const off = [...observed.keys()].filter((at) => Math.floor(at / tasks) !== at % tasks);
    const scored = (at: number, value: number) => {
      const all = [...shared.subarray(at * count, (at + 1) * count), observed[at]];
      const mean = all.reduce((x, y) => x + y, 0) / all.length;
      return (value - mean) / Math.sqrt(all.reduce((sum, own) => sum + (own - mean) ** 2, 0) / count);
    };
    const largest = Array.from({ length: count }, (_, r) =>
      Math.max(...off.map((at) => scored(at, shared[at * count + r]))),
    );
    const pairs = off.filter((at) => Math.floor(at / tasks) < at % tasks);
    const other = (at: number) => (at % tasks) * tasks + Math.floor(at / tasks);
    const least = (at: number) => Math.min(...[at, other(at)].map((own) => scored(own, observed[own])));
    const single = (at: number) =>
      Math.max(p[at], (largest.filter((own) => own >= least(at) - 1e-9).length + 1) / (count + 1));
    pairs.sort((x, y) => least(y) - least(x));
    expect(familywise[pairs[0]]).toBe(single(pairs[0]));
    for (const [k, at] of pairs.entries()) {
      expect(familywise[at]).toBeGreaterThanOrEqual(k === 0 ? p[at] : Math.max(p[at], familywise[pairs[k - 1]]));
      expect(familywise[at]).toBeLessThanOrEqual(Math.max(...pairs.slice(0, k + 1).map(single)));
      expect(familywise[other(at)]).toBe(familywise[at]);
    }
  }
});

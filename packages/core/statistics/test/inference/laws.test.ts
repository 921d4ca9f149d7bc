import { randomStream } from '@galvani/numerics';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectWithinAbsolute } from '../../../../../test/closeness.js';
import { maximumNull, permutationT, planPermutations, type Tail } from '../../src/index.js';

const prompts = 18;
const labels = Array.from({ length: prompts }, (_, b) => (b % 6 > 2 ? 1 : 0));
const runs = Int32Array.from({ length: prompts }, (_, b) => Math.floor(b / 6));
const plan = planPermutations({ labels, runs, count: 199, seed: 4 });

function noise(seed: number, units: number): Float64Array {
  const stream = randomStream(seed, 'laws');
  return Float64Array.from({ length: prompts * units }, () => stream.normal());
}
const columns = (matrix: Float64Array, units: number, chosen: number[]) =>
  Float64Array.from({ length: prompts * chosen.length }, (_, i) => {
    const b = Math.floor(i / chosen.length);
    return matrix[b * units + chosen[i % chosen.length]];
  });

describe('laws of the permutation test', () => {
  for (const precision of ['float64', 'float32'] as const)
    test(`splitting units into chunks changes nothing (${precision})`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.nat(1000), fc.integer({ min: 1, max: 39 }), async (seed, cut) => {
          const means = noise(seed, 40);
          const whole = maximumNull(plan, { precision, uncorrected: true });
          const all = await whole.add(means);
          const parts = maximumNull(plan, { precision, uncorrected: true });
          const units = Array.from({ length: 40 }, (_, u) => u);
          const first = await parts.add(columns(means, 40, units.slice(0, cut)));
          const second = await parts.add(columns(means, 40, units.slice(cut)));
          expect([...first.statistic, ...second.statistic]).toEqual([...all.statistic]);
          expect([...first.log10pUncorrected!, ...second.log10pUncorrected!]).toEqual([...all.log10pUncorrected!]);
          const [a, b] = [whole.finish().maxima, parts.finish().maxima];
          expectWithinAbsolute(a, b, precision === 'float64' ? 1e-12 : 1e-5);
        }),
        { numRuns: 15 },
      );
    });

  test('permuting units permutes results', async () => {
    const means = noise(1, 30);
    const order = randomStream(2, 'order').shuffled(Array.from({ length: 30 }, (_, u) => u));
    const before = await permutationT({ means, prompts, units: 30, plan });
    const after = await permutationT({ means: columns(means, 30, order), prompts, units: 30, plan });
    for (const key of ['t', 'log10pUncorrected', 'log10pFamilywise'] as const)
      expect([...after[key]]).toEqual(order.map((u) => before[key][u]));
  });

  test('constant, NaN and infinite units are flagged and change no other unit', async () => {
    const clean = noise(5, 10);
    const found = await permutationT({ means: clean, prompts, units: 10, plan });
    const dirty = new Float64Array(prompts * 14);
    for (let b = 0; b < prompts; b++) {
      dirty.set([7, runs[b] * 3.3, b === 3 ? NaN : 1, b === 4 ? Infinity : b], b * 14);
      dirty.set(clean.subarray(b * 10, b * 10 + 10), b * 14 + 4);
    }
    for (const step of [false, true]) {
      const all = await permutationT({ means: dirty, prompts, units: 14, plan, stepDown: step });
      for (const key of ['t', 'log10pUncorrected', 'log10pFamilywise'] as const)
        expect([...all[key].subarray(0, 4)]).toEqual([NaN, NaN, NaN, NaN]);
      expect([...all.t.subarray(4)]).toEqual([...found.t]);
      expect([...all.maximumNull]).toEqual([...found.maximumNull]);
      expect([...all.log10pUncorrected.subarray(4)]).toEqual([...found.log10pUncorrected]);
    }
  });

  test('adding a constant or scaling leaves t', async () => {
    const means = noise(6, 8);
    const { t } = await permutationT({ means, prompts, units: 8, plan });
    const moved = await permutationT({ means: means.map((y) => 1000 + 5 * y), prompts, units: 8, plan });
    moved.t.forEach((value, u) => {
      expect(value).toBeCloseTo(t[u], 9);
    });
  });

  test('one-sided tests mirror each other', async () => {
    const means = noise(7, 8);
    const test = (data: Float64Array, tail: Tail) =>
      permutationT({ means: data, prompts, units: 8, plan, tail, precision: 'float64' });
    const greater = await test(means, 'greater');
    const less = await test(
      means.map((y) => -y),
      'less',
    );
    expect([...less.t]).toEqual([...greater.t].map((t) => -t));
    for (const key of ['log10pUncorrected', 'log10pFamilywise', 'maximumNull'] as const)
      expect([...less[key]]).toEqual([...greater[key]]);
    const two = await test(means, 'two');
    two.t.forEach((t, u) => {
      if (t > 0) expect(greater.log10pUncorrected[u]).toBeLessThanOrEqual(two.log10pUncorrected[u]);
    });
  });

  test('float32 and float64 agree but for ties', async () => {
    const means = noise(8, 200);
    const [a, b] = await Promise.all(
      (['float32', 'float64'] as const).map((precision) =>
        permutationT({ means, prompts, units: 200, plan, precision, stepDown: true }),
      ),
    );
    expect([...a.t]).toEqual([...b.t]);
    a.log10pFamilywise.forEach((log, u) => {
      expect(10 ** log).toBeGreaterThanOrEqual(10 ** b.log10pFamilywise[u] - 1e-12); // rounding only raises p
      expect(10 ** log).toBeLessThanOrEqual(10 ** b.log10pFamilywise[u] + 2 / 200);
    });
  });

  test('p is never 0, even for a perfect effect', async () => {
    const means = Float64Array.from(labels);
    const random = await permutationT({ means, prompts, units: 1, plan });
    expect(random.t[0]).toBeGreaterThan(1e6);
    expect(random.log10pFamilywise[0]).toBeGreaterThanOrEqual(Math.log10(1 / 200));
    const few = planPermutations({ labels: labels.slice(0, 6), runs: runs.slice(0, 6), count: 100, seed: 1 });
    const exact = await permutationT({ means: means.slice(0, 6), prompts: 6, units: 1, plan: few });
    expect(10 ** exact.log10pFamilywise[0]).toBeCloseTo(2 / 20, 12); // the labels and their complement, of C(6, 3)
  });
});

describe('step-down', () => {
  test('equals its definition', async () => {
    const units = 12;
    const means = noise(9, units).map((y, i) => (labels[Math.floor(i / units)] === 1 && i % units < 4 ? y + 1.5 : y));
    const found = await permutationT({ means, prompts, units, plan, stepDown: true, precision: 'float64' });
    const single = await permutationT({ means, prompts, units, plan, precision: 'float64' });
    // Each unit's permuted |t|, from tests of that unit alone.
    const alone = await Promise.all(
      Array.from({ length: units }, async (_, u) => {
        const test = await permutationT({
          means: columns(means, units, [u]),
          prompts,
          units: 1,
          plan,
          precision: 'float64',
        });
        return test.maximumNull;
      }),
    );
    const falling = Array.from({ length: units }, (_, u) => u).sort(
      (a, b) => Math.abs(found.t[b]) - Math.abs(found.t[a]),
    );
    let highest = 0;
    falling.forEach((unit, k) => {
      let reached = 0;
      for (let i = 0; i < plan.count; i++)
        if (Math.max(...falling.slice(k).map((u) => alone[u][i])) >= Math.abs(found.t[unit]) - 1e-9) reached++;
      highest = Math.max(highest, (reached + 1) / (plan.count + 1));
      expect(10 ** found.log10pFamilywise[unit]).toBeCloseTo(highest, 12);
      expect(found.log10pFamilywise[unit]).toBeLessThanOrEqual(single.log10pFamilywise[unit]);
    });
    expect(found.log10pFamilywise.some((log, u) => log < single.log10pFamilywise[u])).toBe(true);
  });
});

describe('thresholds', () => {
  test('units above the threshold are those with p at most alpha', async () => {
    const means = noise(10, 60).map((y, i) => (labels[Math.floor(i / 60)] === 1 && i % 60 < 20 ? y + 2 : y));
    for (const tail of ['two', 'greater', 'less'] as const) {
      const found = await permutationT({ means, prompts, units: 60, plan, tail });
      for (const alpha of [0.005, 0.05, 0.2, 1]) {
        const threshold = found.familywise.threshold(alpha);
        found.t.forEach((t, u) => {
          const extreme = tail === 'two' ? Math.abs(t) : tail === 'less' ? -t : t;
          expect(extreme > threshold).toBe(10 ** found.log10pFamilywise[u] <= alpha + 1e-12);
        });
      }
    }
    const few = await permutationT({ means, prompts, units: 60, plan });
    expect(few.familywise.threshold(0.001)).toBe(Infinity); // 199 permutations cannot reach p = .001
  });
});

describe('what cannot be tested', () => {
  test('a regressor inside the nuisance space', async () => {
    const bad = planPermutations({ labels, runs, count: 99, seed: 1, nuisance: labels });
    expect(() => maximumNull(bad)).toThrow(/cannot be estimated/);
  });

  test('too few prompts', () => {
    const bad = planPermutations({ labels: [1, 0], runs: new Int32Array(2), count: 99, seed: 1 });
    expect(() => maximumNull(bad)).toThrow(/no degree of freedom/);
  });

  test('a matrix of another size', async () => {
    await expect(permutationT({ means: noise(1, 3), prompts, units: 4, plan })).rejects.toThrow(RangeError);
  });
});

describe('documented examples', () => {
  test('of permutationT and of chunks', async () => {
    const four = planPermutations({ labels: [1, 1, 0, 0], runs: new Int32Array(4), count: 1000, seed: 1 });
    const { t, degreesOfFreedom, log10pUncorrected } = await permutationT({
      means: Float64Array.of(3, 5, 1, 2),
      prompts: 4,
      units: 1,
      plan: four,
    });
    expect([t[0].toFixed(4), degreesOfFreedom]).toEqual(['2.2361', 2]);
    expect(10 ** log10pUncorrected[0]).toBeCloseTo(2 / 6, 12);
    const gathered = maximumNull(plan);
    const layers = [noise(1, 3), noise(2, 5)];
    const observed: Float64Array[] = [];
    for (const layer of layers) observed.push((await gathered.add(layer)).statistic);
    const familywise = gathered.finish();
    expect(familywise.log10p(observed[1])).toHaveLength(5);
  });
});

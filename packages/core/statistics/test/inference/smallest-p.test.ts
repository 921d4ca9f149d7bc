import { randomStream } from '@galvani/numerics';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type PermutationPlan,
  permutationF,
  permutationT,
  planPermutations,
  planSignFlips,
  smallestP,
  type Tail,
} from '../../src/index.js';

/** p of units that follow the tested regressors (columns of the plan) without error, and of noise. */
async function pOf(plan: PermutationPlan, tail?: Tail): Promise<number[]> {
  const { rows, columns } = plan;
  const stream = randomStream(rows, 'smallest p');
  const units = columns + 20;
  const means = Float64Array.from({ length: rows * units }, (_, at) => {
    const [b, u] = [Math.floor(at / units), at % units];
    return u < columns ? plan.interest[b * columns + u] : stream.normal();
  });
  const options = { means, prompts: rows, units, plan, tail, precision: 'float64' as const };
  const { log10pUncorrected } = await (columns > 1 ? permutationF(options) : permutationT(options));
  return [...log10pUncorrected].map((log) => 10 ** log);
}

const plansOfLabels = fc
  .array(fc.array(fc.constantFrom(0, 1), { minLength: 2, maxLength: 5 }), { minLength: 1, maxLength: 2 })
  .filter((runs) => runs.flat().length > runs.length + 1 && runs.some((run) => new Set(run).size > 1))
  .map((runs) => ({ labels: runs.flat(), runs: Int32Array.from(runs.flatMap((run, r) => run.map(() => r))) }));

describe('the smallest p of a plan', () => {
  test('is that of a perfect effect, and no data go below it', async () => {
    await fc.assert(
      fc.asyncProperty(plansOfLabels, fc.constantFrom<Tail>('two', 'greater', 'less'), async (given, tail) => {
        for (const count of [10_000, 7]) {
          const plan = planPermutations({ ...given, count, seed: 1 });
          const least = smallestP(plan, tail);
          const p = await pOf(plan, tail);
          // Perfect the other way round for a test of less.
          if (tail !== 'less') expect(p[0]).toBeCloseTo(least, 9);
          for (const own of p) expect(own).toBeGreaterThan(least - 1e-9);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('of one run with as many prompts on as off is twice one relabelling', async () => {
    const plan = planPermutations({ labels: [1, 1, 1, 0, 0, 0], runs: new Int32Array(6), count: 20, seed: 1 });
    expect([smallestP(plan), smallestP(plan, 'greater')]).toEqual([2 / 20, 1 / 20]);
    expect((await pOf(plan))[0]).toBeCloseTo(2 / 20, 12);
    const uneven = planPermutations({ labels: [1, 1, 0, 0, 0], runs: new Int32Array(5), count: 20, seed: 1 });
    expect(smallestP(uneven)).toBe(1 / 10);
  });

  test('of n sign flips is 2 / 2^n', async () => {
    for (const rows of [2, 3, 5, 6, 7]) {
      const plan = planSignFlips({ rows, count: 128, seed: 1 });
      expect(smallestP(plan)).toBe(2 ** (1 - rows));
      expect((await pOf(plan))[0]).toBeCloseTo(2 ** (1 - rows), 12);
      expect(smallestP(plan, 'greater')).toBe(2 ** -rows);
    }
  });

  test('of F counts every exchange of groups', async () => {
    // Three groups of two: their 90 arrangements are 15 partitions, each of which bears 6 names and one F.
    const labels = [1, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0];
    const plan = planPermutations({ labels, columns: 2, runs: new Int32Array(6), count: 90, seed: 1 });
    expect(plan.count).toBe(90);
    expect(smallestP(plan)).toBeCloseTo(6 / 90, 12);
    const stream = randomStream(1, 'groups');
    // Group means and hardly any error.
    const means = Float64Array.from([3, 3, 1, 1, 0, 0], (mean) => mean + 1e-3 * stream.normal());
    const { log10pUncorrected } = await permutationF({ means, prompts: 6, units: 1, plan, precision: 'float64' });
    expect(10 ** log10pUncorrected[0]).toBeCloseTo(6 / 90, 9);
  });

  test('with nuisance regressors is not below what data reach', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 10_000 }), async (seed) => {
        const stream = randomStream(seed, 'nuisance');
        const runs = new Int32Array(6);
        const nuisance = Float64Array.from({ length: 6 }, () => stream.normal());
        const plan = planPermutations({ labels: [1, 1, 1, 0, 0, 0], runs, nuisance, count: 720, seed: 1 });
        const p = await pOf(plan);
        expect(p[0]).toBeCloseTo(smallestP(plan), 9);
        for (const own of p) expect(own).toBeGreaterThan(smallestP(plan) - 1e-9);
      }),
      // One of that seed's relabellings is the true one but for less than 1e-9, and yet no tie.
      { numRuns: 10, examples: [[7140]] },
    );
  });
});

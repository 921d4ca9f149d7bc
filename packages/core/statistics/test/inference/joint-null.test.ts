import { randomStream } from '@galvani/numerics';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type FamilywiseNull,
  joinFamilies,
  maximumNull,
  planPermutations,
  planSignFlips,
  type Tail,
} from '../../src/index.js';

const prompts = 9;
const labels = Array.from({ length: prompts }, (_, b) => (b > 2 && b < 6 ? 1 : 0));
const units = 6;

/** A task's null and statistics: of 84 relabellings, all of them or some drawn at random. */
async function task(seed: number, count: number, tail: Tail, effect = 0): Promise<[FamilywiseNull, Float64Array]> {
  const stream = randomStream(seed, 'joint');
  const means = Float64Array.from(
    { length: prompts * units },
    (_, i) => stream.normal() + effect * labels[Math.floor(i / units)],
  );
  const plan = planPermutations({ labels, runs: new Int32Array(prompts), count, seed });
  const gathered = maximumNull(plan, { tail, precision: 'float64' });
  const { statistic } = await gathered.add(means);
  return [gathered.finish(), statistic];
}

const studies = fc.record({
  seed: fc.nat(10_000),
  counts: fc.array(fc.constantFrom(84, 50), { minLength: 1, maxLength: 4 }),
  tail: fc.constantFrom<Tail>('two', 'greater', 'less'),
});

async function tasksOf({ seed, counts, tail }: { seed: number; counts: number[]; tail: Tail }) {
  return Promise.all(counts.map((count, k) => task(10 * seed + k, count, tail, k)));
}

describe('families taken as one', () => {
  test('p is no smaller than that of a family alone, and the same for one family', async () => {
    await fc.assert(
      fc.asyncProperty(studies, async (study) => {
        const tasks = await tasksOf(study);
        const joint = joinFamilies(tasks.map(([own]) => own));
        for (const [own, t] of tasks) {
          const alone = own.log10p(t);
          for (const [u, log] of joint.log10p(t).entries()) {
            if (tasks.length === 1) expect(log).toBe(alone[u]);
            else expect(log).toBeGreaterThanOrEqual(alone[u] - 1e-12);
            expect(log).toBeLessThanOrEqual(1e-12);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test('units above the threshold are those with p at most alpha', async () => {
    await fc.assert(
      fc.asyncProperty(studies, fc.constantFrom(0.02, 0.05, 0.3, 1), async (study, alpha) => {
        const tasks = await tasksOf(study);
        const joint = joinFamilies(tasks.map(([own]) => own));
        const threshold = joint.threshold(alpha);
        for (const [, t] of tasks)
          for (const [u, log] of joint.log10p(t).entries()) {
            const extreme = study.tail === 'two' ? Math.abs(t[u]) : study.tail === 'less' ? -t[u] : t[u];
            expect(extreme > threshold).toBe(10 ** log <= alpha + 1e-12);
          }
      }),
      { numRuns: 60 },
    );
  });

  test('of exhaustive families is the share of all pairs of relabellings', async () => {
    const [[a, t], [b]] = [await task(1, 84, 'two', 1), await task(2, 84, 'two')];
    const pairs = [...a.maxima].flatMap((one) => [...b.maxima].map((other) => Math.max(one, other)));
    const joint = joinFamilies([a, b]).log10p(t);
    for (const [u, value] of t.entries()) {
      const reached = pairs.filter((most) => most >= Math.abs(value) - 1e-9).length;
      expect(10 ** joint[u]).toBeCloseTo(reached / 84 ** 2, 12);
    }
  });

  test('of random families is the share of relabellings whose larger maximum reaches', async () => {
    const [[a, t], [b]] = [await task(1, 50, 'two', 1), await task(2, 50, 'two')];
    const joint = joinFamilies([a, b]).log10p(t);
    for (const [u, value] of t.entries()) {
      const reached = [...a.maxima].filter((one, i) => Math.max(one, b.maxima[i]) >= Math.abs(value) - 1e-9).length;
      expect(10 ** joint[u]).toBeCloseTo((reached + 1) / 51, 12);
    }
  });

  test('of an exhaustive and a random family averages over the list', async () => {
    const [[a, t], [b]] = [await task(1, 84, 'two', 1), await task(2, 50, 'two')];
    const joint = joinFamilies([a, b]).log10p(t);
    for (const [u, value] of t.entries()) {
      const reaches = (most: number) => (most >= Math.abs(value) - 1e-9 ? 1 : 0);
      let sum = 1;
      for (const drawn of b.maxima)
        for (const one of a.maxima) sum += Math.max(reaches(one), reaches(drawn)) / a.maxima.length;
      // The true labels of the random family, which its draws need not hold, count as reaching.
      expect(10 ** joint[u]).toBeCloseTo(sum / 51, 12);
    }
  });

  test('several sign flips keep the least p of one', async () => {
    const flips = await Promise.all(
      [1, 2, 3].map(async (seed) => {
        const stream = randomStream(seed, 'flips');
        const gathered = maximumNull(planSignFlips({ rows: 6, count: 64, seed }));
        const level = seed === 1 ? 100 : 0;
        const { statistic } = await gathered.add(Float64Array.from({ length: 6 }, () => level + stream.normal()));
        return [gathered.finish(), statistic] as const;
      }),
    );
    const [[, strong]] = flips;
    expect(10 ** joinFamilies(flips.map(([own]) => own)).log10p(strong)[0]).toBeCloseTo(2 / 64, 12);
  });

  test('need the same tail', async () => {
    const [[a], [b]] = [await task(1, 84, 'two'), await task(2, 84, 'greater')];
    expect(() => joinFamilies([a, b])).toThrow(/same tail/);
  });
});

test('null studies of three tasks have a unit that passes in 5% of them', async () => {
  const studiesOf = 400;
  let found = 0;
  for (let s = 0; s < studiesOf; s++) {
    const tasks = await Promise.all([0, 1, 2].map((k) => task(3 * s + k + 1e6, 60, 'two')));
    const joint = joinFamilies(tasks.map(([own]) => own));
    if (tasks.some(([, t]) => joint.log10p(t).some((log) => log <= Math.log10(0.05) + 1e-12))) found++;
  }
  // Of 3 / 61: within three standard errors of 400 studies; each task on its own would find something in 14%.
  expect(Math.abs(found / studiesOf - 3 / 61)).toBeLessThan((3 * Math.sqrt(0.05 * 0.95)) / Math.sqrt(studiesOf));
});

/** The second level, beside scipy's permutation tests (fixtures/permutations.py). */
import { readFileSync } from 'node:fs';
import type { Distance } from '@galvani/artifact';
import { describe, expect, test } from 'vitest';
import { covariateTest } from '../src/covariate-test.js';
import { geometryLikeness } from '../src/geometry-likeness.js';
import { measures } from '../src/measures.js';
import type { Family } from '../src/observations.js';
import { oneSample } from '../src/one-sample.js';

const scipy = JSON.parse(readFileSync(new URL('fixtures/permutations.json', import.meta.url), 'utf8'));
const labels = ['a', 'b', 'c'];
const family = (values: number[][], measure = 'distance', error = Number.NaN): Family => ({
  measure: measures.find(({ name }) => name === measure)!,
  labels: labels.slice(0, values[0].length),
  studies: values.map((_, s) => s),
  values: Float64Array.from(values.flat()),
  errors: Float64Array.from(values.flat(), () => error),
});
const close = (found: number, expected: number) => expect(Math.abs(found - expected)).toBeLessThan(1e-9);

describe('six studies, three labels', () => {
  test('means, intervals and sign flips', async () => {
    const rows = await oneSample(family(scipy.values), 1);
    expect(rows.map(({ label }) => label)).toEqual(labels);
    for (const [k, row] of rows.entries()) {
      const expected = scipy.oneSample[k];
      close(row.mean, expected.mean);
      close(row.t, expected.t);
      close(row.lower, expected.interval[0]);
      close(row.upper, expected.interval[1]);
      close(row.p, expected.p);
      close(row.p_familywise, expected.familywise);
      close(row.smallest_p, 2 / 64);
      expect([row.labellings, row.exhaustive, row.studies]).toEqual([64, true, 6]);
    }
  });

  test('slopes', async () => {
    const rows = await covariateTest(family(scipy.values), { name: 'parameters', values: scipy.numbers }, 1);
    for (const [k, row] of rows.entries()) {
      const expected = scipy.slope[k];
      close(row.estimate, expected.estimate);
      close(row.r, expected.r);
      close(row.upper - row.estimate, expected.half);
      close(row.p, expected.p);
      // Two studies have one number: half of 720 orders differ.
      expect([row.kind, row.groups, row.labellings]).toEqual(['slope', '', 360]);
    }
  });

  test('differences of two groups', async () => {
    const covariate = { name: 'trained', groups: ['no', 'yes'] as [string, string], values: scipy.groups };
    const rows = await covariateTest(family(scipy.values), covariate, 1);
    for (const [k, row] of rows.entries()) {
      const expected = scipy.difference[k];
      close(row.estimate, expected.estimate);
      close(row.t, expected.t);
      close(row.p, expected.p);
      close(row.smallest_p, 2 / 20);
      expect([row.kind, row.groups, row.labellings]).toEqual(['difference', 'no < yes', 20]);
    }
  });
});

test('studies that weigh the same have the same mean with their errors as without', async () => {
  const [row] = await oneSample(family([[1], [2], [6]], 'distance', 0.5), 1);
  close(row.random_mean, row.mean);
  close(row.random_upper, row.upper);
  expect(row.i2).toBeGreaterThan(0.9);
  const [bare] = await oneSample(family([[1], [2], [6]]), 1);
  expect([bare.random_mean, bare.tau2]).toEqual([Number.NaN, Number.NaN]);
});

test('a share is described and not tested, since it cannot be 0', async () => {
  const [row] = await oneSample(family([[0.1], [0.2]], 'size'), 1);
  close(row.mean, 0.15);
  expect([row.p, row.t, row.labellings, row.exhaustive]).toEqual([Number.NaN, Number.NaN, 0, false]);
});

test('many studies have more sign flips than are drawn', async () => {
  const values = Array.from({ length: 20 }, (_, s) => [1 + (s % 3) / 10]);
  const [row] = await oneSample(family(values), 1);
  expect([row.exhaustive, row.labellings]).toEqual([false, 20_000]);
  close(row.p, 1 / 20_001);
});

test('nothing is compared by a covariate that does not vary, or over two studies', async () => {
  expect(await covariateTest(family([[1], [2], [3]]), { name: 'x', values: [1, 1, 1] }, 1)).toEqual([]);
  expect(await covariateTest(family([[1], [2]]), { name: 'x', values: [1, 2] }, 1)).toEqual([]);
});

describe('task geometry', () => {
  const tasks = ['w', 'x', 'y', 'z'];
  const study = (label: string, distances: [number, number, number][]) => ({
    label,
    distances: distances.map(([i, j, distance]) => ({ task_a: tasks[i], task_b: tasks[j], distance }) as Distance),
  });
  const [one, other] = scipy.mantel.distances;

  test('as Mantel’s test over all orders', () => {
    const [row, mean] = geometryLikeness([study('a', one), study('b', other)], tasks, 1);
    close(row.r, scipy.mantel.r);
    close(row.p, scipy.mantel.p);
    expect([row.labellings, row.exhaustive, row.tasks]).toEqual([24, true, 4]);
    close(mean.r, row.r);
    // The same test by drawn orders.
    expect(Math.abs(mean.p - row.p)).toBeLessThan(0.03);
  });

  test('equal distances are as alike as can be, in whatever order and unit they are given', () => {
    const reversed = one.map(([i, j, d]: [number, number, number]) => [j, i, 3 * d + 1]).reverse();
    const [row] = geometryLikeness([study('a', one), study('b', reversed)], tasks, 1);
    close(row.r, 1);
    close(row.p, 1 / 24);
  });

  test('takes three tasks, and studies that have all their distances', () => {
    expect(geometryLikeness([study('a', one), study('b', other)], ['w', 'x'], 1)).toEqual([]);
    expect(geometryLikeness([study('a', one), study('b', other.slice(1))], tasks, 1)).toEqual([]);
  });
});

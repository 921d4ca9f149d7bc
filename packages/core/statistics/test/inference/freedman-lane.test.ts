import { randomStream } from '@galvani/numerics';
import { describe, expect, test } from 'vitest';
import {
  type PermutationPlan,
  partitionDesign,
  permutationF,
  permutationT,
  planPermutations,
} from '../../src/index.js';
import { reduce, refit } from './refit.js';

const rows = 20;
const units = 5;
const runs = Int32Array.from({ length: rows }, (_, b) => Math.floor(b / 10));
const stream = randomStream(11, 'freedman-lane');
const means = Float64Array.from({ length: rows * units }, () => stream.normal() + 3);
const task = Array.from({ length: rows }, (_, b) => (b % 10 < 5 ? 1 : 0));
const covariate = Float64Array.from({ length: rows }, () => stream.normal());
const runColumns = (b: number) => [runs[b] === 0 ? 1 : 0, runs[b] === 1 ? 1 : 0];

/** Freedman and Lane by the book: permute residuals, add the fit back, refit everything. */
function byTheBook(plan: PermutationPlan, unit: number, tested: number[][], nuisance: number[][]) {
  const y = Array.from({ length: rows }, (_, b) => means[b * units + unit]);
  const { fitted, residual } = reduce(y, nuisance);
  return Array.from({ length: plan.count }, (_, i) => {
    const permuted = new Array<number>(rows);
    // Row source[b]'s label goes to row b, so row b's residual goes to row source[b].
    for (let b = 0; b < rows; b++) permuted[plan.source[i * rows + b]] = residual[b];
    const star = permuted.map((value, b) => value + fitted[b]);
    return refit(star, tested, nuisance);
  });
}

describe('permuted statistics equal a refit of the whole model', () => {
  const cases = {
    'run intercepts': { covariate: undefined },
    'run intercepts and a covariate': { covariate },
  };
  for (const [name, given] of Object.entries(cases))
    test(`t, ${name}`, async () => {
      const plan = planPermutations({
        labels: task,
        runs,
        count: 40,
        seed: 5,
        nuisance: given.covariate,
      });
      const found = await permutationT({ means, prompts: rows, units, plan, precision: 'float64' });
      const nuisance = task.map((_, b) => [...runColumns(b), ...(given.covariate ? [given.covariate[b]] : [])]);
      const tested = task.map((value) => [value]);
      const book = Array.from({ length: units }, (_, unit) => byTheBook(plan, unit, tested, nuisance));
      for (let i = 0; i < plan.count; i++)
        expect(found.maximumNull[i]).toBeCloseTo(Math.max(...book.map((unit) => Math.abs(unit[i].t))), 8);
      for (let unit = 0; unit < units; unit++) {
        const y = Array.from({ length: rows }, (_, b) => means[b * units + unit]);
        const { t } = refit(y, tested, nuisance);
        expect(found.t[unit]).toBeCloseTo(t, 10);
        const reached = book[unit].filter((star) => Math.abs(star.t) >= Math.abs(t) - 1e-9).length;
        expect(10 ** found.log10pUncorrected[unit]).toBeCloseTo((reached + 1) / (plan.count + 1), 12);
      }
    });

  test('F of two regressors with a covariate', async () => {
    const second = task.map((_, b) => (b % 3 === 0 ? 1 : 0));
    const plan = planPermutations({
      labels: task.flatMap((value, b) => [value, second[b]]),
      columns: 2,
      runs,
      count: 40,
      seed: 6,
      nuisance: covariate,
    });
    const found = await permutationF({ means, prompts: rows, units, plan, precision: 'float64' });
    const tested = task.map((value, b) => [value, second[b]]);
    const nuisance = task.map((_, b) => [...runColumns(b), covariate[b]]);
    const book = Array.from({ length: units }, (_, unit) => byTheBook(plan, unit, tested, nuisance));
    for (let i = 0; i < plan.count; i++)
      expect(found.maximumNull[i]).toBeCloseTo(Math.max(...book.map((unit) => unit[i].F)), 8);
    for (let unit = 0; unit < units; unit++) {
      const y = Array.from({ length: rows }, (_, b) => means[b * units + unit]);
      expect(found.F[unit]).toBeCloseTo(refit(y, tested, nuisance).F, 10);
    }
  });

  test('F of one regressor is t squared', async () => {
    const plan = planPermutations({ labels: task, runs, count: 100, seed: 7 });
    const t = await permutationT({ means, prompts: rows, units, plan });
    const F = await permutationF({ means, prompts: rows, units, plan });
    expect([...F.F]).toEqual([...t.t].map((value) => value ** 2));
    expect([...F.log10pFamilywise]).toEqual([...t.log10pFamilywise]);
    expect([...F.familywise.log10p(F.F)]).toEqual([...t.log10pFamilywise]);
    expect(F.familywise.threshold(0.05)).toBeCloseTo(t.familywise.threshold(0.05) ** 2, 12);
  });
});

describe('a partitioned design', () => {
  // Run 0 holds task A, run 1 task B, rest in both.
  const design = task.flatMap((value, b) => [value * runColumns(b)[0], value * runColumns(b)[1], ...runColumns(b)]);

  test('tests A minus B with the model of the whole design', async () => {
    const { interest, columns, nuisance } = partitionDesign(
      Float64Array.from(design),
      rows,
      Float64Array.of(1, -1, 0, 0),
    );
    expect(columns).toBe(1);
    const plan = planPermutations({ labels: interest, runs, count: 50, seed: 1, nuisance, runIntercepts: false });
    const found = await permutationT({ means, prompts: rows, units, plan });
    expect(found.degreesOfFreedom).toBe(rows - 4);
    for (let unit = 0; unit < units; unit++) {
      const y = Array.from({ length: rows }, (_, b) => means[b * units + unit]);
      // The same contrast as the coefficient of (A - B) / 2 beside (A + B) / 2.
      const { t } = refit(
        y,
        task.map((value, b) => [(value * (runs[b] === 0 ? 1 : -1)) / 2]),
        task.map((value, b) => [value, ...runColumns(b)]),
      );
      expect(found.t[unit]).toBeCloseTo(t, 10);
    }
  });

  test('is the same test when the design has columns too many', async () => {
    const t = await Promise.all(
      [[], [1]].map(async (constant) => {
        const wide = task.flatMap((_, b) => [...design.slice(b * 4, b * 4 + 4), ...constant]);
        const contrast = Float64Array.from([1, -1, 0, 0, ...constant.map(() => 0)]);
        const { interest, nuisance } = partitionDesign(Float64Array.from(wide), rows, contrast);
        const plan = planPermutations({
          labels: interest,
          runs,
          count: 50,
          seed: 1,
          nuisance,
          runIntercepts: false,
        });
        const found = await permutationT({ means, prompts: rows, units, plan });
        expect(found.degreesOfFreedom).toBe(rows - 4);
        return found;
      }),
    );
    for (let unit = 0; unit < units; unit++) expect(t[1].t[unit]).toBeCloseTo(t[0].t[unit], 9);
    for (let i = 0; i < 50; i++) expect(t[1].maximumNull[i]).toBeCloseTo(t[0].maximumNull[i], 4); // float32
  });

  test('gives the F of a contrast of two rows', async () => {
    const contrast = Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0);
    const parts = partitionDesign(Float64Array.from(design), rows, contrast);
    const plan = planPermutations({
      labels: parts.interest,
      columns: 2,
      runs,
      count: 50,
      seed: 1,
      nuisance: parts.nuisance,
      runIntercepts: false,
    });
    const found = await permutationF({ means, prompts: rows, units, plan });
    const tested = task.map((value, b) => runColumns(b).map((run) => run * value));
    for (let unit = 0; unit < units; unit++) {
      const y = Array.from({ length: rows }, (_, b) => means[b * units + unit]);
      expect(found.F[unit]).toBeCloseTo(
        refit(
          y,
          tested,
          task.map((_, b) => runColumns(b)),
        ).F,
        10,
      );
    }
  });
});

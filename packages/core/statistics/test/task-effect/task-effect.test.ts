import { normalLogSf, tLogSf } from '@galvani/numerics';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectWithinRelative } from '../../../../../test/closeness.js';
import { effectModel, sizeOfDeviate, type UnitEffect, type VarianceRule } from '../../src/task-effect/effect-model.js';
import { type RunSums, runSums } from '../../src/task-effect/run-sums.js';
import { taskDeviates, taskEffect } from '../../src/task-effect/task-effect.js';

interface Prompts {
  on: number[];
  off: number[];
}

const design = { task: 3, rest: 5 };
const value = fc.integer({ min: -1000, max: 1000 }).map((n) => n / 100);
const run = fc.record({
  on: fc.array(value, { minLength: design.task, maxLength: design.task }),
  off: fc.array(value, { minLength: design.rest, maxLength: design.rest }),
});
const mean = (v: number[]) => v.reduce((a, b) => a + b, 0) / v.length;
const squares = (v: number[]) => v.reduce((sum, own) => sum + (own - mean(v)) ** 2, 0);
const sumsOf = ({ on, off }: Prompts): RunSums =>
  runSums(Float64Array.from([...off, ...on]), 1, [...off.map(() => 0), ...on.map(() => 1)]);
const fit = (runs: Prompts[], variance: VarianceRule) =>
  taskEffect(effectModel({ ...design, runs: runs.length }, variance), runs.map(sumsOf));

/** By the textbook: the residual maker of run intercepts and the task, residuals, and the effect as a sum over prompts. */
function byResidualMaker(runs: Prompts[]) {
  const prompts = design.task + design.rest;
  const y = runs.flatMap(({ on, off }) => [...off, ...on]);
  const isTask = y.map((_, i) => i % prompts >= design.rest);
  const centred = isTask.map((own) => (own ? 1 : 0) - design.task / prompts);
  const length = centred.reduce((sum, x) => sum + x * x, 0);
  const maker = centred.map((xi, i) =>
    centred.map((xj, j) => {
      const sameRun = Math.floor(i / prompts) === Math.floor(j / prompts);
      return (i === j ? 1 : 0) - (sameRun ? 1 / prompts : 0) - (xi * xj) / length;
    }),
  );
  const residuals = maker.map((row) => row.reduce((sum, m, j) => sum + m * y[j], 0));
  const weights = centred.map((x) => x / length);
  const effect = weights.reduce((sum, w, i) => sum + w * y[i], 0);
  /** Sum over prompts of task or of rest. */
  const over = (task: boolean, own: (i: number) => number) =>
    isTask.reduce((sum, is, i) => (is === task ? sum + own(i) : sum), 0);
  return { y, maker, residuals, weights, effect, over };
}

test('with one variance, sums of runs give the regression on all their prompts', () => {
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 3 }), (runs) => {
      const { y, residuals, weights, effect } = byResidualMaker(runs);
      const df = y.length - runs.length - 1;
      const variance = residuals.reduce((sum, r) => sum + r * r, 0) / df;
      if (variance < 1e-3 || Math.abs(effect) < 1e-3) return;
      const found = fit(runs, 'pooled');
      expect(found.df[0]).toBe(df);
      expectWithinRelative(found.effect, [effect], 1e-9);
      expectWithinRelative(found.t, [effect / Math.sqrt(variance * weights.reduce((sum, w) => sum + w * w, 0))], 1e-9);
      expectWithinRelative(found.d, [effect / Math.sqrt(variance)], 1e-9);
    }),
  );
});

test('with two variances and one run t and df are Welch’s', () => {
  fc.assert(
    fc.property(run, ({ on, off }) => {
      const [a, b] = [squares(on) / (on.length - 1) / on.length, squares(off) / (off.length - 1) / off.length];
      const effect = mean(on) - mean(off);
      if (Math.min(a, b) < 1e-6 || Math.abs(effect) < 1e-3) return;
      const { t, df } = fit([{ on, off }], 'separate');
      const z = taskDeviates({ t, df });
      expectWithinRelative(t, [effect / Math.sqrt(a + b)], 1e-9);
      expectWithinRelative(df, [(a + b) ** 2 / (a ** 2 / (on.length - 1) + b ** 2 / (off.length - 1))], 1e-9);
      expectWithinRelative(normalLogSf(Math.abs(z[0])), tLogSf(Math.abs(t[0]), df[0]), 1e-9);
    }),
  );
});

test('with several runs each condition’s variance is that of which its residuals are made, by the residual maker', () => {
  fc.assert(
    fc.property(fc.array(run, { minLength: 2, maxLength: 3 }), (runs) => {
      const { maker, residuals, weights, effect, over } = byResidualMaker(runs);
      const shared = (a: boolean, b: boolean) => over(a, (i) => over(b, (j) => maker[i][j] ** 2));
      const [onTask, onRest] = [true, false].map((task) => over(task, (i) => residuals[i] ** 2));
      const [tt, tr, rr] = [shared(true, true), shared(true, false), shared(false, false)];
      const determinant = tt * rr - tr * tr;
      const ofTask = (rr * onTask - tr * onRest) / determinant;
      const ofRest = (tt * onRest - tr * onTask) / determinant;
      const freedom = [true, false].map((task) => over(task, (i) => maker[i][i]));
      // Where one condition hardly varies a floor takes over.
      if (ofTask < (0.2 * onTask) / freedom[0] || ofRest < (0.2 * onRest) / freedom[1]) return;
      if (Math.min(ofTask, ofRest) < 1e-3 || Math.abs(effect) < 1e-3) return;
      const parts = [ofTask * over(true, (i) => weights[i] ** 2), ofRest * over(false, (i) => weights[i] ** 2)];
      const variance = parts[0] + parts[1];
      const { t, df } = fit(runs, 'separate');
      expectWithinRelative(t, [effect / Math.sqrt(variance)], 1e-8);
      expectWithinRelative(df, [variance ** 2 / (parts[0] ** 2 / freedom[0] + parts[1] ** 2 / freedom[1])], 1e-8);
    }),
  );
});

test('no unit beyond a deviate is passed over by the quick test, and critical t^2 is the deviate’s', () => {
  const found: UnitEffect = { effect: 0, variance: 0, df: 0, d: 0 };
  for (const variance of ['separate', 'pooled'] as const) {
    const model = effectModel({ ...design, runs: 3 }, variance);
    fc.assert(
      fc.property(fc.tuple(run, run, run), fc.double({ min: -1, max: 0, noNaN: true }), (runs, below) => {
        const sums = runs.map(sumsOf);
        const add = (column: 'sum' | 'taskSquares' | 'restSquares') =>
          sums.reduce((all, own) => all + own[column][0], 0);
        const [sum, onTask, onRest] = [add('sum'), add('taskSquares'), add('restSquares')];
        if (!model.estimate(sum, onTask, onRest, found) || Math.abs(found.effect) < 1e-3) return;
        const z = sizeOfDeviate(found.effect / Math.sqrt(found.variance), found.df);
        const [task, rest] = model.squareWeights;
        expect(sum * sum * model.gain(z + below)).toBeGreaterThan(task * onTask + rest * onRest);
        const square = (found.effect ** 2 / found.variance) * (1 + below / 2);
        expect(sum * sum * model.gainOfSquare(square)).toBeGreaterThan(task * onTask + rest * onRest);
        expectWithinRelative(model.criticalSquare(z)(found.df), found.effect ** 2 / found.variance, 1e-6);
      }),
    );
  }
});

test('a constant unit has no t', () => {
  const means = Float64Array.of(0.1, 1, 0.1, 2, 0.1, 4, 0.1, 3);
  const model = effectModel({ task: 2, rest: 2, runs: 1 }, 'separate');
  const { t } = taskEffect(model, [runSums(means, 2, [0, 0, 1, 1])]);
  expect(t[0]).toBeNaN();
  expect(t[1]).toBeCloseTo(2 / Math.sqrt(0.5), 12);
});

import { cholesky, choleskyLogDeterminant, forwardSolve, type RandomStream, randomStream } from '@galvani/numerics';
import { expect, test } from 'vitest';
import { expectWithinRelative } from '../../../../../test/closeness.js';
import {
  blockDesign,
  contrastT,
  createEstimator,
  type DesignMatrix,
  joinDesigns,
  modulator,
  type NoiseModel,
  type PromptLayout,
  promptLayout,
  segmentsOf,
  uniformLayout,
} from '../../src/index.js';
import { generalArma } from '../../src/noise/arma-general.js';
import { generalProblem } from '../../src/noise/arma-problem.js';
import { promptProblem } from '../../src/noise/arma-prompts.js';
import { armaFilter, whiten } from '../../src/noise/arma-whitening.js';
import { gramMatrix, leastSquaresOf } from '../../src/noise/least-squares.js';

const layout = uniformLayout(2, 12, 9);

const somewhere = [
  [0, 0],
  [0.5, 0.3],
  [0.95, -0.7],
  [-0.6, 0.1],
  [0.9999, -0.99],
  [-0.3, 1],
  [0.4, -1],
] as const;

/** Prompts of 2 to 11 rows. */
function unequal() {
  const random = randomStream(8, 'lengths');
  const prompt = Array.from({ length: 18 }, (_, p) => Array.from({ length: 2 + random.integer(10) }, () => p)).flat();
  return promptLayout(
    prompt.map((p) => Math.floor(p / 9)),
    prompt,
  );
}

function designFor(own: PromptLayout, modulated: boolean) {
  const block = blockDesign(
    own,
    Array.from(own.prompt, (p, i) => ['a', 'rest', 'b'][(own.prompt.at(-1) === 0 ? Math.floor(i / 10) : p) % 3]),
  );
  return modulated ? joinDesigns(block, modulator('position', own.position, own)) : block;
}

function simulate(own: PromptLayout, [ar, ma, level]: readonly [number, number, number], random: RandomStream) {
  let [state, error, shared] = [0, 0, 0];
  return Float64Array.from(own.position, (position) => {
    if (position === 0) {
      shared = level * random.normal();
      error = random.normal();
      state = error + ((ar + ma) / Math.sqrt(1 - ar * ar)) * random.normal();
    } else {
      const next = random.normal();
      state = ar * state + next + ma * error;
      error = next;
    }
    return state + shared;
  });
}

function fitted(noise: NoiseModel, study: DesignMatrix, own: PromptLayout, units: readonly Float64Array[]) {
  const estimator = createEstimator(noise, study, own, units.length);
  estimator.add(
    Float64Array.from(
      { length: study.rows * units.length },
      (_, at) => units[at % units.length][Math.floor(at / units.length)],
    ),
    0,
  );
  return estimator.finish();
}

const inBounds = (value: number, bound: number) => Math.min(Math.max(value, -bound), bound);

const whitenedDesigns = new Map<string, { X: Float64Array; factor: Float64Array; logs: number }>();

/** -2 log REML of a series by whitening its rows; Infinity where the design is singular to rounding. */
function criterionOf(study: DesignMatrix, own: PromptLayout, y: Float64Array) {
  const { rows: total, columns: p } = study;
  const pieces = segmentsOf(own);
  const wy = new Float64Array(total);
  const theta = new Float64Array(p);
  const name = `${study.names} ${own.prompt.length}`;
  return (ar: number, ma: number): number => {
    const filter = armaFilter(ar, ma, pieces);
    const key = `${name} ${ar} ${ma}`;
    let known = whitenedDesigns.get(key);
    if (known === undefined) {
      const X = new Float64Array(total * p);
      whiten(filter, pieces, study.X, p, X);
      const factor = gramMatrix({ ...study, X });
      known = { X, factor, logs: cholesky(factor, p) ? choleskyLogDeterminant(factor, p) : Number.NaN };
      whitenedDesigns.set(key, known);
    }
    whiten(filter, pieces, y, 1, wy);
    theta.fill(0);
    let sum = 0;
    for (let i = 0; i < total; i++) {
      sum += wy[i] * wy[i];
      for (let a = 0; a < p; a++) theta[a] += known.X[i * p + a] * wy[i];
    }
    forwardSolve(known.factor, p, theta);
    for (const part of theta) sum -= part * part;
    const value = (total - p) * Math.log(sum) + known.logs + filter.logDeterminant;
    return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
  };
}

test('whitening an impulse response by autocovariances: W V W’ is the identity', () => {
  const [ar, ma, n] = [0.7, -0.4, 6];
  const variance = (1 + 2 * ar * ma + ma * ma) / (1 - ar * ar);
  const first = ((1 + ar * ma) * (ar + ma)) / (1 - ar * ar) / variance;
  const V = Float64Array.from({ length: n * n }, (_, at) => {
    const lag = Math.abs(Math.floor(at / n) - (at % n));
    return lag === 0 ? 1 : first * ar ** (lag - 1);
  });
  const one = segmentsOf(uniformLayout(1, 1, n));
  const half = new Float64Array(n * n);
  whiten(armaFilter(ar, ma, one), one, V, n, half);
  const turned = Float64Array.from(half, (_, at) => half[(at % n) * n + Math.floor(at / n)]);
  const out = new Float64Array(n * n);
  whiten(armaFilter(ar, ma, one), one, turned, n, out);
  out.forEach((value, at) => {
    expect(value).toBeCloseTo(at % (n + 1) === 0 ? 1 : 0, 12);
  });
});

test.each([
  ['equal prompts', layout],
  ['pairs', uniformLayout(2, 20, 2)],
  ['an odd length', uniformLayout(2, 12, 7)],
  ['unequal prompts', unequal()],
] as const)('sums of prompts fit what whitened rows fit: %s', (_, own) => {
  const study = designFor(own, false);
  const { rows: total, columns, X } = study;
  const random = randomStream(4, 'arma');
  const y = Float64Array.from({ length: total }, () => random.normal());
  leastSquaresOf(study, X, columns)(y);
  const pieces = segmentsOf(own);
  const prompts = promptProblem(X, total, columns, pieces);
  const posed = new Float64Array(prompts.rows);
  prompts.pose(y, posed, 0);
  const rowwise = generalArma(X, total, columns, pieces);
  for (const [ar, ma] of somewhere) {
    const [right, left] = [prompts.fit(y, ar, ma, posed, 0), rowwise.fit(y, ar, ma)];
    expectWithinRelative([right.residual], [left.residual], 1e-11);
    right.theta.forEach((value, a) => {
      expect(value).toBeCloseTo(left.theta[a], 9);
    });
    expectWithinRelative(prompts.inverse(ar, ma), rowwise.inverse(ar, ma), 1e-10);
  }
});

test.each([
  ['equal prompts', layout, false],
  ['a modulator', layout, true],
  ['one run', uniformLayout(1, 1, 200), true],
  ['unequal prompts', unequal(), false],
])('forms say what whitened rows say: %s', (_, own, modulated) => {
  const study = designFor(own, modulated);
  const { rows: total, columns } = study;
  const random = randomStream(5, 'arma');
  const y = Float64Array.from({ length: total }, () => random.normal());
  leastSquaresOf(study, study.X, columns)(y);
  const pieces = segmentsOf(own);
  const exact = criterionOf(study, own, y);
  for (const make of modulated ? [generalProblem] : [generalProblem, promptProblem]) {
    const problem = make(study.X, total, columns, pieces);
    const posed = new Float64Array(problem.rows);
    problem.pose(y, posed, 0);
    const unit = new Float64Array(problem.unitSize);
    const differences = somewhere.map(([ar, ma]) => {
      const forms = problem.at(ma);
      problem.unit(posed, 0, unit);
      const point = problem.point(forms, ar);
      return problem.df * Math.log(problem.squares(point, unit)) + point.logs - exact(ar, ma);
    });
    for (const difference of differences) expect(difference).toBeCloseTo(differences[0], 8);
  }
});

const noises = [
  [0, 0, 0],
  [0.6, 0, 0],
  [0.9, 0, 0],
  [0.98, 0, 0],
  [-0.5, 0, 0],
  [-0.95, 0, 0],
  [0, 0.7, 0],
  [0, -1, 0],
  [0, 1, 0],
  [0.9, -0.6, 0],
  [0.7, -0.65, 0],
  [-0.6, 0.5, 0],
  [0.99, -0.5, 0],
  [0, 0, 1],
  [0.4, 0, 0.7],
  [0.5, 0.3, 300],
] as const;

test.each([
  ['equal prompts', layout, false],
  ['pairs', uniformLayout(2, 20, 2), false],
  ['a modulator', uniformLayout(2, 8, 8), true],
  ['one run', uniformLayout(1, 1, 120), true],
  ['unequal prompts', unequal(), false],
])('no nested model and no point of a grid is likelier: %s', (_, own, modulated) => {
  const study = designFor(own, modulated);
  const all = noises.map((noise, v) => simulate(own, noise, randomStream(11, 'optimum', v)));
  const { ar, ma } = fitted('arma11', study, own, all).parameters;
  const { rho } = fitted('ar1', study, own, all).parameters;
  const steps = Array.from({ length: 15 }, (_, i) => (i - 7) / 7);
  const arSteps = steps.map((x) => 0.9999 * (Math.tanh(4 * x) / Math.tanh(4)));
  const maSteps = steps.map((x) => Math.tanh(3.5 * x) / Math.tanh(3.5));
  const points = arSteps.flatMap((a) => maSteps.map((b) => [a, b]));
  all.forEach((y, v) => {
    const at = criterionOf(study, own, y);
    const best = at(ar[v], ma[v]);
    expect(Math.abs(ar[v])).toBeLessThanOrEqual(0.9999);
    expect(Math.abs(ma[v])).toBeLessThanOrEqual(1);
    const others = [[rho[v], 0], [0, 0], ...maSteps.map((b) => [0, b]), ...points];
    // Around the estimate too: it is a minimum, or lies on a border.
    for (const step of [1e-3, -1e-3])
      others.push([inBounds(ar[v] + step, 0.9999), ma[v]], [ar[v], inBounds(ma[v] + step, 1)]);
    const least = Math.min(...others.map(([a, b]) => at(a, b)));
    expect(best, `unit ${v}`).toBeLessThan(least + 1e-8 * (1 + Math.abs(least)));
  });
});

test('slow noise under white noise is found although its roots nearly cancel: t is not that of white noise', () => {
  const own = uniformLayout(4, 18, 16);
  const study = designFor(own, false);
  const all = Array.from({ length: 20 }, (_, v) => simulate(own, [0.95, -0.9, 0], randomStream(7, 'slow', v)));
  const [slow, white] = (['arma11', 'ols'] as const).map((noise) => {
    const fit = fitted(noise, study, own, all);
    return {
      fit,
      variance: contrastT(
        fit,
        Float64Array.from(study.names, (name) => (name === 'a' ? 1 : 0)),
      ).variance,
    };
  });
  const { ar, ma } = slow.fit.parameters;
  // Negative autocorrelation, where such a search may stop, would have made |t| too large.
  expect(ar.filter((value, v) => value + ma[v] > 0).length).toBeGreaterThan(17);
  const ratio = slow.variance.map((value, v) => value / white.variance[v]).sort();
  expect(ratio[10]).toBeGreaterThan(1.3);
});

test('a moving average with a unit root and a level of each prompt lie on the borders', () => {
  const own = uniformLayout(1, 40, 12);
  const study = designFor(own, false);
  const many = (noise: readonly [number, number, number]) =>
    Array.from({ length: 20 }, (_, v) => simulate(own, noise, randomStream(6, 'border', v)));
  const root = fitted('arma11', study, own, many([0, -1, 0])).parameters;
  expect(root.ma.filter((value) => value === -1).length).toBeGreaterThan(5);
  const level = fitted('arma11', study, own, many([0, 0, 1.5])).parameters;
  expect(level.ar.filter((value) => value === 0.9999).length).toBeGreaterThan(2);
  expect(level.ma.every((value) => value < -0.8)).toBe(true);
});

test('finds the parameters of simulated noise, and AR(1) where there is no more', () => {
  const units = 60;
  const long = uniformLayout(2, 12, 60);
  const series = new Float64Array(long.run.length * units);
  for (let v = 0; v < units; v++) {
    const random = randomStream(3, 'arma', v);
    const moving = v < 30 ? 0.4 : 0;
    let state = 0;
    let error = 0;
    for (let i = 0; i < long.run.length; i++) {
      if (long.position[i] === 0) {
        state = 0;
        error = 0;
        for (let burn = 0; burn < 60; burn++) {
          const e = random.normal();
          state = 0.6 * state + e + moving * error;
          error = e;
        }
      }
      const e = random.normal();
      state = 0.6 * state + e + moving * error;
      error = e;
      series[i * units + v] = state;
    }
  }
  const block = blockDesign(
    long,
    Array.from(long.prompt, (p) => ['a', 'rest', 'b'][p % 3]),
  );
  const estimator = createEstimator('arma11', block, long, units);
  estimator.add(series, 0);
  const fit = estimator.finish();
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const { ar, ma } = fit.parameters;
  expect(Math.abs(mean(ar.slice(0, 30)) - 0.6)).toBeLessThan(0.02);
  expect(Math.abs(mean(ma.slice(0, 30)) - 0.4)).toBeLessThan(0.02);
  expect(Math.abs(mean(ar.slice(30)) - 0.6)).toBeLessThan(0.03);
  expect(Math.abs(mean(ma.slice(30)))).toBeLessThan(0.03);
  expect(contrastT(fit, Float64Array.of(1, -1, 0, 0)).t.every(Number.isFinite)).toBe(true);
});

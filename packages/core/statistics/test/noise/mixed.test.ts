import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { expectWithinRelative } from '../../../../../test/closeness.js';
import {
  contrastT,
  createEstimator,
  type DesignMatrix,
  type Fit,
  type NoiseModel,
  promptLayout,
} from '../../src/index.js';

interface Case {
  name: string;
  run: number[];
  prompt: number[];
  columns: number;
  X: number[];
  Y: number[];
  units: {
    dense: { rho: number; ratio: number; beta: number[]; covariance: number[] };
    mixed: { beta: number[]; scale: number; tau2: number; se: number[] };
    means: { beta: number[]; se: number[]; scale: number; df: number };
  }[];
}

const { cases }: { cases: Case[] } = JSON.parse(
  readFileSync(new URL('../fixtures/mixed/mixed.json', import.meta.url), 'utf8'),
);
const named = (name: string) => cases.find((one) => one.name === name) as Case;

function fitCase(noise: NoiseModel, { run, prompt, columns, X, Y, units }: Case): Fit {
  const design: DesignMatrix = {
    names: Array.from({ length: columns }, (_, j) => `x${j}`),
    X: Float64Array.from(X),
    rows: run.length,
    columns,
  };
  const estimator = createEstimator(noise, design, promptLayout(run, prompt), units.length);
  estimator.add(Float64Array.from(Y), 0);
  return estimator.finish();
}

const betaOf = (fit: Fit, v: number) =>
  Array.from({ length: fit.design.columns }, (_, j) => fit.beta[j * fit.units + v]);
const errorsOf = (fit: Fit, v: number) => {
  const n = fit.design.columns;
  const covariance = fit.covariance(v);
  return Array.from({ length: n }, (_, j) => Math.sqrt(covariance[j * n + j] * fit.dispersion[v]));
};

describe('prompt', () => {
  test('with equal prompts is least squares on prompt means (statsmodels OLS), and MixedLM’s coefficients', () => {
    const one = named('balanced');
    const fit = fitCase('prompt', one);
    one.units.forEach(({ means, mixed }, v) => {
      expect(fit.df).toBe(means.df);
      expectWithinRelative(betaOf(fit, v), means.beta, 1e-11);
      expectWithinRelative(errorsOf(fit, v), means.se, 1e-11);
      expectWithinRelative([fit.dispersion[v]], [means.scale], 1e-11);
      expectWithinRelative(betaOf(fit, v), mixed.beta, 1e-10);
    });
  });
});

describe('mixed', () => {
  test('with unequal prompts has MixedLM’s variance ratio and effects (REML), and its t within 4% where prompts vary', () => {
    const one = named('unequal');
    const fit = fitCase('mixed', one);
    one.units.forEach(({ mixed }, v) => {
      const [beta, errors] = [betaOf(fit, v), errorsOf(fit, v)];
      expectWithinRelative([fit.parameters.ratio[v]], [mixed.tau2 / mixed.scale], 1e-6);
      expectWithinRelative(beta, mixed.beta, 1e-8);
      // MixedLM's scale is of all tokens about the design, over rows less rank; the dispersion here is of prompts' means, over prompts
      // less rank, with whose degrees of freedom it is used. At the REML ratio the two say the same of prompts of one length, and
      // nearly so where prompts differ by more than their tokens (here within 0.4%). In the last unit prompts have no level of
      // their own, so that lengths weigh most, and the means of 24 prompts happen to vary 10% less than tokens say.
      const limit = v === one.units.length - 1 ? 0.12 : 0.04;
      const wanted = mixed.beta.map((effect, j) => effect / mixed.se[j]);
      expectWithinRelative(
        beta.map((effect, j) => effect / errors[j]),
        wanted,
        limit,
      );
    });
    expect(fit.df).toBe(new Set(one.prompt).size - one.columns);
  });
  test('does not take a regressor’s course within prompts for noise', () => {
    const one = named('modulated');
    const fit = fitCase('mixed', one);
    one.units.forEach(({ mixed }, v) => {
      const wanted = mixed.tau2 / mixed.scale;
      expect(Math.abs(fit.parameters.ratio[v] - wanted)).toBeLessThan(0.05 + 0.02 * wanted);
    });
  });
});

describe('ar1+prompt', () => {
  test.each(cases.map((one) => [one.name, one] as const))('%s: dense REML in numpy', (_, one) => {
    const fit = fitCase('ar1+prompt', one);
    one.units.forEach(({ dense }, v) => {
      expect(Math.abs(fit.parameters.rho[v] - dense.rho)).toBeLessThan(1e-6);
      expect(Math.abs(fit.parameters.ratio[v] - dense.ratio)).toBeLessThan(1e-5);
      expectWithinRelative(betaOf(fit, v), dense.beta, 1e-6);
      expectWithinRelative(
        fit.covariance(v).map((value) => value * fit.dispersion[v]),
        dense.covariance,
        1e-4,
      );
    });
  });
  test('counts prompts: Satterthwaite’s degrees of freedom are near prompts less rank', () => {
    const fit = fitCase('ar1+prompt', named('unequal'));
    const { df } = contrastT(fit, Float64Array.of(1, -1, 0, 0, 0));
    const prompts = new Set(named('unequal').prompt).size;
    for (const own of df as Float64Array) {
      expect(own).toBeGreaterThan(8);
      expect(own).toBeLessThan(prompts);
    }
    expect(fitCase('ar1+prompt', named('balanced')).df).toBe(prompts - 5);
  });
});

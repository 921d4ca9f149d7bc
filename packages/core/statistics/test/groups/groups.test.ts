import { tLogSf } from '@galvani/numerics';
import { describe, expect, test } from 'vitest';
import { expectWithinRelative } from '../../../../../test/closeness.js';
import {
  blockDesign,
  conjunction,
  contrastF,
  contrastT,
  createEstimator,
  fixedEffects,
  fixedEffectsF,
  randomEffects,
  type TContrastResult,
  uniformLayout,
} from '../../src/index.js';
import { golden, goldenDesign, goldenRow, manifest } from '../golden.js';

const V = 64;

function goldenResult(run: 1 | 2, noise: 'ols' | 'ar1-nilearn', contrast: number): TContrastResult {
  const design = goldenDesign(run);
  const estimator = createEstimator(noise, design, uniformLayout(1, 1, design.rows), V);
  estimator.add(golden(`run${run}_Y`), 0);
  return contrastT(estimator.finish(), goldenRow('contrast_t', contrast, 8));
}

describe.each([
  ['ols', 'fx_ols'],
  ['ar1-nilearn', 'fx_ar1'],
] as const)('fixed effects of two runs, %s, as nilearn has them', (noise, name) => {
  test.each([0, 1, 2, 3])('contrast %i', (i) => {
    const runs = [goldenResult(1, noise, i), goldenResult(2, noise, i)];
    const equal = fixedEffects(runs);
    expectWithinRelative(equal.effect, goldenRow(`${name}_effect`, i, V), 1e-9);
    expectWithinRelative(equal.variance, goldenRow(`${name}_variance`, i, V), 1e-9);
    expectWithinRelative(equal.t, goldenRow(`${name}_t`, i, V), 1e-9);
    expectWithinRelative(equal.z, goldenRow(`${name}_z`, i, V), 1e-9);
    expect(equal.df).toBe(manifest.scalars[`${name}_dof`]);
    const weighted = fixedEffects(runs, { precisionWeighted: true });
    const wanted = golden(`${name}_precision_weighted`).slice(i * 4 * V, (i + 1) * 4 * V);
    [weighted.effect, weighted.variance, weighted.t].forEach((own, q) => {
      expectWithinRelative(own, wanted.slice(q * V, (q + 1) * V), 1e-9);
    });
  });
});

describe('laws of groups', () => {
  const layout = uniformLayout(1, 8, 3);
  const runOf = (k: number) => {
    const design = blockDesign(
      layout,
      Array.from(layout.prompt, (p) => (p % 2 ? 'rest' : 'a')),
    );
    const estimator = createEstimator('prompt', design, layout, 4);
    estimator.add(
      Float64Array.from({ length: 96 }, (_, i) => Math.sin((i + 1) * (k + 2)) + (k + 1) * 0.1),
      0,
    );
    return estimator.finish();
  };
  const results = [0, 1, 2].map((k) => contrastT(runOf(k), Float64Array.of(1, 0), 'a'));

  test('stacked fixed effects are the fit of the stacked series', () => {
    const long = uniformLayout(3, 8, 3);
    const block = blockDesign(
      long,
      Array.from(long.prompt, (p) => (p % 2 ? 'rest' : 'a')),
    );
    const X = new Float64Array(72 * 6);
    for (let i = 0; i < 72; i++) {
      X[i * 6 + long.run[i]] = block.X[i * 4];
      X[i * 6 + 3 + long.run[i]] = 1;
    }
    const design = { names: ['a0', 'a1', 'a2', 'r0', 'r1', 'r2'], X, rows: 72, columns: 6 };
    const estimator = createEstimator('prompt', design, long, 4);
    for (let k = 0; k < 3; k++) {
      estimator.add(
        Float64Array.from({ length: 96 }, (_, i) => Math.sin((i + 1) * (k + 2)) + (k + 1) * 0.1),
        k * 24,
      );
    }
    const whole = contrastT(estimator.finish(), Float64Array.of(1 / 3, 1 / 3, 1 / 3, 0, 0, 0));
    const joined = fixedEffects(results, { variance: 'stacked' });
    for (const key of ['effect', 'variance', 't', 'z', 'd', 'dLower'] as const)
      expectWithinRelative(joined[key], whole[key], 1e-9, key);
    expect(joined.df).toBe(whole.df);
  });
  test('F of one row is the square of t, and of one run is the run’s own', () => {
    const fits = [0, 1, 2].map(runOf);
    const { F, df } = fixedEffectsF(fits, [Float64Array.of(1, 0)]);
    const t = fixedEffects(results);
    expectWithinRelative(
      F,
      t.t.map((value) => value * value),
      1e-9,
    );
    expect(df).toBe(t.df);
    const both = [Float64Array.of(1, 0), Float64Array.of(0, 1)];
    expectWithinRelative(fixedEffectsF([fits[0]], both).F, contrastF(fits[0], both).F, 1e-9);
  });
  test('a design without degrees of freedom is a person’s mistake', () => {
    const small = uniformLayout(1, 2, 9);
    const design = blockDesign(
      small,
      Array.from(small.prompt, (p) => (p ? 'rest' : 'a')),
    );
    expect(() => createEstimator('prompt', design, small, 1)).toThrow('2 prompts for 2 independent columns');
    expect(() => createEstimator('ols', design, small, 1)).not.toThrow();
  });
  test('one run alone is itself', () => {
    const alone = fixedEffects([results[0]], { precisionWeighted: true });
    for (const key of ['effect', 'variance', 't', 'z', 'd'] as const)
      expectWithinRelative(alone[key], results[0][key], 1e-12, key);
  });
  test('random effects over sessions are the one-sample t test', () => {
    const effects = results.map(({ effect }) => effect);
    const { t, df } = contrastT(randomEffects(effects), Float64Array.of(1));
    expect(df).toBe(2);
    for (let v = 0; v < 4; v++) {
      const values = effects.map((effect) => effect[v]);
      const mean = (values[0] + values[1] + values[2]) / 3;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 2;
      expect(t[v]).toBeCloseTo(mean / Math.sqrt(variance / 3), 9);
    }
  });
  test('a conjunction is as strong as its weakest member', () => {
    const { z, log10p } = conjunction(results);
    const negative = conjunction(results, 'negative');
    const same = conjunction(results, 'same');
    for (let v = 0; v < 4; v++) {
      const all = results.map((result) => result.z[v]);
      expect(z[v]).toBe(Math.min(...all));
      expect(negative.z[v]).toBe(Math.max(...all));
      const weakest = results[all.indexOf(Math.min(...all))];
      expect(log10p[v]).toBeCloseTo(tLogSf(weakest.t[v], weakest.df as number) / Math.LN10, 10);
      const agree = all.every((own) => own > 0) || all.every((own) => own < 0);
      expect(same.z[v] !== 0).toBe(agree);
      if (!agree) expect(same.log10p[v]).toBe(0);
    }
  });
});

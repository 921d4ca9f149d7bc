import { UserMistake } from '@galvani/terminal';
import { expect, test } from 'vitest';
import { expectWithinRelative } from '../../../../../test/closeness.js';
import {
  blockDesign,
  checkEstimable,
  contrastF,
  contrastT,
  createEstimator,
  designOf,
  joinDesigns,
  modulator,
  uniformLayout,
} from '../../src/index.js';

const layout = uniformLayout(2, 6, 4);
const condition = Array.from(layout.prompt, (p) => ['a', 'rest', 'b', 'rest', 'a', 'b'][p]);
const design = blockDesign(layout, condition);
const twice = joinDesigns(design, designOf({ both: Array.from(condition, (c) => (c === 'rest' ? 0 : 2)) }));
const series = Float64Array.from({ length: 48 * 3 }, (_, i) => Math.sin(i * i) + (i % 7));

function fitOf(own: typeof design, noise: 'ols' | 'ar1' | 'prompt' = 'ols') {
  const estimator = createEstimator(noise, own, layout, 3);
  estimator.add(series, 0);
  return estimator.finish();
}

test('says which columns cannot be told apart', () => {
  expect(checkEstimable([1, -1, 0, 0, 0], twice)).toBeUndefined();
  expect(checkEstimable([1, 0, 0, 0, 0], twice)).toBe(
    "columns 'a', 'b' and 'both' are collinear, so their effects cannot be told apart",
  );
  expect(checkEstimable([1, 0, 0, 0, 0.5], joinDesigns(design, designOf({ nothing: new Float64Array(48) })))).toBe(
    "column 'nothing' is zero in every observation",
  );
  expect(checkEstimable([1, 0], design)).toBe('the contrast has 2 weights and the design 4 columns');
  const fit = fitOf(twice);
  expect(() => contrastT(fit, Float64Array.of(1, 0, 0, 0, 0), 'a')).toThrow(UserMistake);
  expect(() => contrastF(fit, [Float64Array.of(1, -1, 0, 0, 0), Float64Array.of(1, 0, 0, 0, 0)])).toThrow('collinear');
});

test.each(['ols', 'ar1', 'prompt'] as const)(
  '%s: a column said twice changes no contrast that can be estimated',
  (noise) => {
    const [full, deficient] = [fitOf(design, noise), fitOf(twice, noise)];
    expect(deficient.rank).toBe(full.rank);
    expect(deficient.df).toBe(full.df);
    expectWithinRelative(deficient.dispersion, full.dispersion, 1e-9);
    const [a, b] = [
      contrastT(full, Float64Array.of(1, -1, 0, 0)),
      contrastT(deficient, Float64Array.of(1, -1, 0, 0, 0)),
    ];
    expectWithinRelative(b.t, a.t, 1e-9);
    expectWithinRelative(b.d, a.d, 1e-9);
    // a + both / 2 of the larger design is a of the smaller: both describe the mean of task a.
    expectWithinRelative(
      contrastT(deficient, Float64Array.of(1, 0, 0, 0, 2)).t,
      contrastT(full, Float64Array.of(1, 0, 0, 0)).t,
      1e-9,
    );
  },
);

test('prompt: what varies within prompts alone cannot be estimated, and the reason names it', () => {
  const fit = fitOf(joinDesigns(design, modulator('position', layout.position, layout)), 'prompt');
  expect(() => contrastT(fit, Float64Array.of(0, 0, 0, 0, 1), 'position')).toThrow("column 'position' is zero");
  expect(contrastT(fit, Float64Array.of(1, -1, 0, 0, 0)).t.every(Number.isFinite)).toBe(true);
});

test('rows of an F contrast that follow from others count once', () => {
  const fit = fitOf(design);
  const [a, b] = [Float64Array.of(1, 0, 0, 0), Float64Array.of(0, 1, 0, 0)];
  const plain = contrastF(fit, [a, b]);
  const more = contrastF(fit, [a, b, Float64Array.of(1, -3, 0, 0)]);
  expect(more.df1).toBe(2);
  expectWithinRelative(more.F, plain.F, 1e-12);
  expectWithinRelative(
    contrastF(fit, [a]).F,
    contrastT(fit, a).t.map((t) => t * t),
    1e-12,
  );
});

import { randomStream } from '@galvani/numerics';
import { expect, test } from 'vitest';
import { expectWithinAbsolute, expectWithinRelative } from '../../../../../test/closeness.js';
import { intraclassCorrelation, mapProducts, ratingMoments } from '../../src/index.js';

/** Shrout and Fleiss (1979), Table 2: six targets, four judges. */
const table2 = [9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7];

test('Shrout and Fleiss’ Table 2 has their coefficients and the intervals of R’s psych::ICC', () => {
  const found = intraclassCorrelation(ratingMoments(table2, 4));
  expectWithinAbsolute([found.agreement, found.consistency], [0.29, 0.71], 0.005);
  // Single_random_raters and Single_fixed_raters of psych 2.4, as its manual prints them for these data.
  const { agreementInterval: a, consistencyInterval: c } = found;
  expectWithinAbsolute([a.lower, a.upper, c.lower, c.upper], [0.019, 0.76, 0.342, 0.95], 0.005);
});

test('a judge’s level matters for agreement alone, and a common scale for neither', () => {
  const plain = intraclassCorrelation(ratingMoments(table2, 4));
  const shifted = intraclassCorrelation(
    ratingMoments(
      table2.map((x, i) => x + (i % 4 === 2 ? 5 : 0)),
      4,
    ),
  );
  const scaled = intraclassCorrelation(
    ratingMoments(
      table2.map((x) => -3 * x),
      4,
    ),
  );
  expectWithinRelative(shifted.consistency, plain.consistency, 1e-12);
  expectWithinRelative(shifted.consistencyInterval.lower, plain.consistencyInterval.lower, 1e-12);
  expect(shifted.agreement).not.toBeCloseTo(plain.agreement, 3);
  expectWithinRelative([scaled.agreement, scaled.consistency], [plain.agreement, plain.consistency], 1e-12);
});

test('judges who agree have 1, and nothing is said of ratings that are all alike or of a judge alone', () => {
  const same = intraclassCorrelation(ratingMoments([1, 1, 2, 2, 5, 5], 2));
  expectWithinRelative([same.agreement, same.consistency, same.agreementInterval.lower], [1, 1, 1], 1e-12);
  expect(intraclassCorrelation(ratingMoments([1, 1, 1, 1], 2)).consistency).toBeNaN();
  expect(intraclassCorrelation(ratingMoments([1, 2, 3], 1)).agreement).toBeNaN();
});

test('moments of maps are moments of ratings, units that some map lacks left out', () => {
  const maps = [0, 1, 2, 3].map((j) =>
    Float64Array.from({ length: 7 }, (_, i) => (i < 6 ? table2[4 * i + j] : Number.NaN)),
  );
  const { products, means, units } = mapProducts(maps);
  const moments = ratingMoments(table2, 4);
  expect(units).toBe(6);
  expectWithinRelative(products, moments.products, 1e-12);
  expectWithinRelative(means, moments.means, 1e-12);
});

test('intervals cover the population’s value in 95% of normal samples', () => {
  const random = randomStream(3, 'icc coverage');
  const trials = 1500;
  let [agreement, consistency] = [0, 0];
  for (let i = 0; i < trials; i++) {
    const levels = Array.from({ length: 8 }, () => Math.sqrt(0.5) * random.normal());
    const ratings = Array.from({ length: 30 }, () => {
      const target = random.normal();
      return levels.map((level) => target + level + random.normal());
    }).flat();
    const { agreementInterval: a, consistencyInterval: c } = intraclassCorrelation(ratingMoments(ratings, 8));
    if (a.lower <= 0.4 && 0.4 <= a.upper) agreement++;
    if (c.lower <= 0.5 && 0.5 <= c.upper) consistency++;
  }
  for (const covered of [agreement, consistency]) expectWithinAbsolute(covered / trials, 0.95, 0.02);
});

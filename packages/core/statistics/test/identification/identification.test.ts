import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectWithinAbsolute, expectWithinRelative } from '../../../../../test/closeness.js';
import {
  hubness,
  type IdentificationMeasures,
  identificationMeasures,
  mcnemarP,
  type PairedAnswers,
  type PairedComparison,
  pairedComparison,
  type ScoreCalibration,
  type ScoredFold,
  scoreCalibration,
  signFlipSumP,
} from '../../src/index.js';

/** Numbers of statsmodels, scipy and scikit-learn, see make_identification.py. */
const { mcnemar, swaps, measures } = JSON.parse(
  readFileSync(new URL('../fixtures/identification/identification.json', import.meta.url), 'utf8'),
);
const { count } = measures;
const scores = Float64Array.from(measures.scores);
const classes = Int32Array.from(measures.classes);

test('McNemar’s exact p is statsmodels’', () => {
  for (const { onlyFirst, onlySecond, p } of mcnemar) expectWithinRelative(mcnemarP(onlyFirst, onlySecond), p, 1e-9);
});

test('p of swapped runs is scipy’s over all permutations', () => {
  for (const { differences, p } of swaps) expectWithinAbsolute(signFlipSumP(differences), p, 1e-12);
});

test('p of swapped runs counts every assignment of signs', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -6, max: 6 }), { minLength: 1, maxLength: 9 }), (differences) => {
      const observed = Math.abs(differences.reduce((a, b) => a + b, 0));
      let reached = 0;
      for (let signs = 0; signs < 2 ** differences.length; signs++) {
        const sum = differences.reduce((a, own, i) => a + ((signs >> i) & 1 ? own : -own), 0);
        if (Math.abs(sum) >= observed) reached++;
      }
      expect(signFlipSumP(differences)).toBe(reached / 2 ** differences.length);
    }),
  );
  expect(() => signFlipSumP([0.5])).toThrow('whole numbers');
});

test('where each run has one pattern, swapping runs is McNemar’s test', () => {
  fc.assert(
    fc.property(fc.nat(20), fc.nat(20), fc.nat(5), (b, c, both) => {
      const differences = [...Array(b).fill(1), ...Array(c).fill(-1), ...Array(both).fill(0)];
      expectWithinRelative(mcnemarP(b, c), signFlipSumP(differences), 1e-9);
    }),
  );
});

const answers = fc
  .array(fc.record({ first: fc.boolean(), second: fc.boolean(), run: fc.nat(5) }), { minLength: 1, maxLength: 40 })
  .map(
    (rows): PairedAnswers => ({
      first: rows.map(({ first }) => first),
      second: rows.map(({ second }) => second),
      runs: rows.map(({ run }) => run),
    }),
  );

test('a comparison turned round has the opposite difference and the same p', () => {
  fc.assert(
    fc.property(answers, (own) => {
      const one: PairedComparison = pairedComparison(own, 1);
      const other = pairedComparison({ ...own, first: own.second, second: own.first }, 1);
      expectWithinAbsolute(
        [one.difference, one.onlyFirst, one.mcnemarP, one.permutationP],
        [-other.difference, other.onlySecond, other.mcnemarP, other.permutationP],
        1e-12,
      );
      expect(one.lower).toBeLessThanOrEqual(one.difference + 1e-12);
      expect(one.upper).toBeGreaterThanOrEqual(one.difference - 1e-12);
      expect(Math.max(-one.lower, one.upper)).toBeLessThanOrEqual(1 + 1e-12);
    }),
    { numRuns: 30 },
  );
});

test('the interval of a difference over many runs is that of the central limit theorem', () => {
  const runs = Array.from({ length: 4000 }, (_, i) => Math.floor(i / 10));
  const first = runs.map((run, i) => (run * 7 + i * 3) % 11 < 6);
  const second = runs.map((run, i) => (run * 5 + i) % 7 < 3);
  const { difference, lower, upper } = pairedComparison({ first, second, runs }, 3);
  const own = Array.from({ length: 400 }, (_, run) =>
    runs.reduce((sum, r, i) => sum + (r === run ? Number(first[i]) - Number(second[i]) : 0) / 10, 0),
  );
  const sd = Math.sqrt(own.reduce((sum, d) => sum + (d - difference) ** 2, 0) / 400);
  const half = (1.96 * sd) / 20;
  expectWithinAbsolute([lower, upper], [difference - half, difference + half], 0.1 * half);
});

test('runs that are all alike leave room for other ones', () => {
  const runs = [0, 0, 1, 1, 2, 2];
  const same = pairedComparison({ first: Array(6).fill(true), second: Array(6).fill(true), runs }, 1);
  // Of three runs none differs: at most 70.8% of runs do (Clopper and Pearson).
  expectWithinAbsolute([same.difference, same.lower, same.upper], [0, -0.7076, 0.7076], 1e-4);
  expect([same.mcnemarP, same.permutationP]).toEqual([1, 1]);
  expect(() => pairedComparison({ first: [true], second: [], runs: [1] }, 1)).toThrow('same patterns');
});

test('accuracies are scikit-learn’s', () => {
  const found: IdentificationMeasures = identificationMeasures(scores, classes, count);
  expectWithinAbsolute(
    [found.accuracy, found.balancedAccuracy, found.topTwo, found.correct / found.total],
    [measures.accuracy, measures.balancedAccuracy, measures.topTwo, measures.accuracy],
    1e-12,
  );
  // Ties go to the first, and what cannot be identified is not right.
  const tied = Float64Array.of(1, 1, 1, Number.NEGATIVE_INFINITY, 1, 2);
  const { correct, topTwo } = identificationMeasures(tied, Int32Array.of(1, 0), 3);
  expect([correct, topTwo]).toEqual([0, 0.5]);
});

test('hubness counts patterns of other kinds, with scipy’s skewness', () => {
  const { drawn, skewness } = hubness(scores, Int32Array.from(measures.kinds), count);
  expect([...drawn]).toEqual(measures.drawn);
  expectWithinAbsolute(skewness, measures.skewness, 1e-12);
  expect(hubness(Float64Array.of(1, 0, 0, 1), Int32Array.of(-1, -1), 2)).toEqual({
    drawn: Int32Array.of(1, 1),
    skewness: 0,
  });
});

const foldsOf = (all: Float64Array): ScoredFold[] =>
  Array.from({ length: measures.folds }, (_, fold) => {
    const rows = Array.from(classes.keys()).filter((i) => i % measures.folds === fold);
    return {
      scores: Float64Array.from(rows.flatMap((i) => [...all.subarray(i * count, (i + 1) * count)])),
      classes: Int32Array.from(rows, (i) => classes[i]),
    };
  });

test('calibration is scipy’s and scikit-learn’s, whatever the scores’ unit', () => {
  for (const unit of [1, 1e-6, 1e6]) {
    const found: ScoreCalibration = scoreCalibration(foldsOf(scores.map((own) => own * unit)), count);
    expectWithinRelative(
      found.temperatures.map((own) => own / unit),
      measures.temperatures,
      1e-5,
    );
    expectWithinAbsolute(
      [found.brier, found.expectedCalibrationError],
      [measures.brier, measures.expectedCalibrationError],
      1e-5,
    );
    expect(found.probabilities.map(({ length }) => length)).toEqual([80, 80, 80]);
  }
  expect(() => scoreCalibration([], count)).toThrow('at least two');
});

test('a fold’s temperature does not depend on its own scores and classes', () => {
  const [held, ...others] = foldsOf(scores);
  const lied = { scores: held.scores.map((own) => -own), classes: held.classes.map((own) => (own + 1) % count) };
  expect(scoreCalibration([lied, ...others], count).temperatures[0]).toBe(
    scoreCalibration([held, ...others], count).temperatures[0],
  );
});

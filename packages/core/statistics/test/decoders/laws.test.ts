import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectWithinAbsolute } from '../../../../../test/closeness.js';
import {
  chosenRows,
  columnProducts,
  coordinatesOf,
  type Decoder,
  type DecodingFold,
  heldOutCentroidScores,
  heldOutScores,
  identifiedClasses,
  innerProducts,
  logistic,
  nearestCentroid,
  type PatternCoordinates,
  type Patterns,
  patternCoordinates,
  ridgeClassifier,
  type Scorer,
  type Standardisation,
  shrunkenLda,
  softmax,
  standardisation,
  standardisedPatterns,
} from '../../src/index.js';

const [rows, units, count] = [18, 30, 3];
const classes = Int32Array.from({ length: rows }, (_, i) => i % count);

/** Decoders that look at nothing but inner products, with how near two ways to the same scores come. */
const turned: [string, Decoder, number][] = [
  ['nearest centroid', nearestCentroid(), 1e-8],
  ['cosine', nearestCentroid({ metric: 'cosine' }), 1e-8],
  ['pooled discriminant', shrunkenLda(), 1e-8],
  ['discriminant of classes', shrunkenLda({ covariance: 'classes', priors: 'equal' }), 1e-8],
  ['ridge', ridgeClassifier({ alpha: 2 }), 1e-8],
  ['logistic', logistic({ c: 0.1 }), 1e-4],
];
const decoders: typeof turned = [...turned, ['standardised', shrunkenLda({ covariance: 'standardised' }), 1e-8]];

const table = fc
  .array(fc.integer({ min: -1000, max: 1000 }), { minLength: rows * units, maxLength: rows * units })
  // Classes apart and no row like another, whatever is drawn.
  .map((drawn) =>
    Float64Array.from(
      drawn,
      (own, at) => own / 500 + Math.sin(7 * at) + Math.cos((Math.floor(at / units) % count) + at),
    ),
  );
const orderOf = (length: number) =>
  fc.shuffledSubarray(
    Array.from({ length }, (_, i) => i),
    { minLength: length },
  );

/** Scores compared as what classes differ by, since discriminants' have a part that all classes share. */
function differences(scores: Float64Array): Float64Array {
  return scores.map((own, at) => own - scores[at - (at % count)]);
}

function scored(decoder: Decoder, values: Patterns, of: Patterns = values, own = classes): Float64Array {
  const score: Scorer = decoder({ values, classes: own, count });
  return differences(score(of));
}

for (const [name, decoder, near] of decoders)
  test(`${name}: scores depend neither on the order of rows nor on that of units`, () => {
    fc.assert(
      fc.property(table, orderOf(rows), orderOf(units), (values, order, unitOrder) => {
        const moved = chosenRows(values, units, order);
        const others = Int32Array.from(order, (row) => classes[row]);
        expectWithinAbsolute(scored(decoder, moved, values, others), scored(decoder, values), near);
        const swapped = values.map((_, at) => values[at - (at % units) + unitOrder[at % units]]);
        expectWithinAbsolute(scored(decoder, swapped), scored(decoder, values), near);
      }),
      { numRuns: 20 },
    );
  });

for (const [name, decoder, near] of decoders)
  if (name !== 'cosine')
    test(`${name}: the origin does not matter`, () => {
      fc.assert(
        fc.property(table, fc.integer({ min: -20, max: 20 }), (values, by) => {
          const moved = values.map((own, at) => own + by * Math.sin(at % units));
          expectWithinAbsolute(scored(decoder, moved), scored(decoder, values), 100 * near);
        }),
        { numRuns: 20 },
      );
    });

test('scores scale as they must', () => {
  fc.assert(
    fc.property(table, fc.constantFrom(0.25, 0.5, 2, 8), (values, by) => {
      const larger = values.map((own) => own * by);
      const compare = (one: Decoder, other: Decoder, factor: number, near: number) =>
        expectWithinAbsolute(
          scored(one, larger).map((own) => own / factor),
          scored(other, values),
          near,
        );
      compare(nearestCentroid(), nearestCentroid(), by * by, 1e-8);
      compare(nearestCentroid({ metric: 'cosine' }), nearestCentroid({ metric: 'cosine' }), 1, 1e-8);
      for (const covariance of ['pooled', 'classes', 'standardised'] as const)
        compare(shrunkenLda({ covariance }), shrunkenLda({ covariance }), 1, 1e-8);
      compare(ridgeClassifier({ alpha: by * by }), ridgeClassifier({ alpha: 1 }), 1, 1e-8);
      compare(logistic({ c: 0.1 / (by * by) }), logistic({ c: 0.1 }), 1, 1e-4);
      // The standardised one does not mind what each unit is measured in.
      const uneven = values.map((own, at) => own * (1 + (at % units)));
      const standardised = shrunkenLda({ covariance: 'standardised' });
      expectWithinAbsolute(scored(standardised, uneven), scored(standardised, values), 1e-8);
    }),
    { numRuns: 20 },
  );
});

for (const [name, decoder, near] of turned)
  test(`${name}: coordinates give the scores that units give, in every fold`, () => {
    const folds: DecodingFold[] = Array.from({ length: rows / count }, (_, fold) => {
      const heldOut = [0, 1, 2].map((k) => fold * count + k);
      return { training: Array.from({ length: rows }, (_, i) => i).filter((i) => !heldOut.includes(i)), heldOut };
    });
    fc.assert(
      fc.property(table, (values) => {
        const coordinates: PatternCoordinates = patternCoordinates(Float32Array.from(values), rows);
        expect(coordinates.dimensions).toBeLessThanOrEqual(rows);
        const few = heldOutScores(decoder, coordinates, classes, count, folds);
        const direct = heldOutScores(decoder, { values: Float32Array.from(values) }, classes, count, folds);
        for (const [i, own] of direct.entries()) expectWithinAbsolute(differences(few[i]), differences(own), 10 * near);
        // What a row's class is called does not reach its own score.
        const lied = classes.map((own, i) => (i < count ? (own + 1) % count : own));
        expect(heldOutScores(decoder, coordinates, lied, count, folds.slice(0, 1))).toEqual(few.slice(0, 1));
      }),
      { numRuns: 10 },
    );
  });

test('inner products of columns that come in blocks are those of the table', async () => {
  const [rows, width] = [5, 5000];
  const values = Float64Array.from({ length: rows * width }, (_, i) => Math.sin(i * i));
  const found = await columnProducts(rows, 100, width - 1, (from, size, out) => {
    for (let i = 0; i < rows; i++) out.set(values.subarray(i * width + from, i * width + from + size), i * size);
  });
  expectWithinAbsolute(found, innerProducts(values, values, width, 100, width - 1), 1e-9);
  for (let i = 0; i < rows; i++) for (let j = 0; j < i; j++) expect(found[i * rows + j]).toBe(found[j * rows + i]);
});

test('nearest centroids of inner products are those of patterns, of sums over sites too', () => {
  const folds = [0, 5].map((held) => ({
    heldOut: [held, held + 1],
    // Of the second fold no row of class 2 is learnt from.
    training: [...classes.keys()].filter((i) => i !== held && i !== held + 1 && (held === 0 || classes[i] !== 2)),
  }));
  fc.assert(
    fc.property(table, (drawn) => {
      const values = Float32Array.from(drawn);
      const whole = innerProducts(Float64Array.from(values), Float64Array.from(values), units);
      const [first, second] = [
        [0, 7],
        [7, units],
      ].map(([from, to]) => innerProducts(values, values, units, from, to));
      const sum = first.map((own, at) => own + second[at]);
      expectWithinAbsolute(sum, whole, 1e-6);
      const scores = heldOutScores(nearestCentroid(), { values: Float64Array.from(values) }, classes, count, folds);
      for (const [f, own] of heldOutCentroidScores(sum, classes, count, folds).entries()) {
        expect([...own].map(Number.isFinite)).toEqual([...scores[f]].map(Number.isFinite));
        expectWithinAbsolute(own.filter(Number.isFinite), scores[f].filter(Number.isFinite), 1e-6);
      }
      const turned = coordinatesOf(sum, rows, units).values;
      expectWithinAbsolute(innerProducts(turned, turned, turned.length / rows), whole, 1e-5);
    }),
    { numRuns: 10 },
  );
});

test('a class without training rows is never identified, and ties go to the first', () => {
  const values = Float64Array.of(1, 0, 2, 0.1, 0, 1, 0, 2);
  for (const [, decoder] of decoders) {
    const scores = decoder({ values, classes: Int32Array.of(2, 2, 0, 0), count: 4 })(Float64Array.of(1, 0, 0, 1));
    expect([scores[1], scores[3], scores[5], scores[7]]).toEqual(Array(4).fill(Number.NEGATIVE_INFINITY));
    expect([...identifiedClasses(scores, 4)]).toEqual([2, 0]);
  }
  expect([...identifiedClasses(Float64Array.of(1, 3, 3, 2, 2, 2), 3)]).toEqual([1, 0]);
});

test('what cannot be learnt from is refused', () => {
  const values = Float64Array.of(1, 2, 3, 4);
  expect(() => nearestCentroid()({ values, classes: Int32Array.of(0, 0, 1), count: 2 })).toThrow('no table of 3');
  expect(() => nearestCentroid()({ values, classes: Int32Array.of(0, 2), count: 2 })).toThrow('Class 2');
  expect(() => nearestCentroid()({ values, classes: Int32Array.of(1, 1), count: 2 })).toThrow('two classes');
  expect(() => nearestCentroid()({ values, classes: Int32Array.of(0, 1), count: 2 })(Float64Array.of(1))).toThrow(
    'rows of 2',
  );
  expect(() => shrunkenLda()({ values, classes: Int32Array.of(0, 1), count: 2 })).toThrow('all alike');
  expect(() => ridgeClassifier({ alpha: 0 })).toThrow('alpha');
  expect(() => logistic({ c: -1 })).toThrow('C is -1');
  const fold = [{ training: [0, 1], heldOut: [1] }];
  expect(() => heldOutScores(nearestCentroid(), { values }, Int32Array.of(0, 1), 2, fold)).toThrow('Row 1');
});

test('patterns are standardised by the rows that are named', () => {
  const values = Float64Array.of(1, 5, 3, 5, 9, 7);
  const by: Standardisation = standardisation(values, 2, [0, 1]);
  expect([...by.means, ...by.deviations]).toEqual([2, 5, 1, 0]);
  expect([...standardisedPatterns(values, by)]).toEqual([-1, 0, 1, 0, 7, 0]);
  expect([...softmax(Float64Array.of(0, Math.log(4)), 2, 2)]).toEqual([1 / 3, 2 / 3].map((p) => expect.closeTo(p, 12)));
});

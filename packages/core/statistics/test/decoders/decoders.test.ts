import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { expectWithinAbsolute, expectWithinRelative } from '../../../../../test/closeness.js';
import { centredProducts, innerProducts } from '../../src/decoders/inner-products.js';
import { ledoitWolf } from '../../src/decoders/ledoit-wolf.js';
import {
  type Decoder,
  identifiedClasses,
  logistic,
  nearestCentroid,
  ridgeClassifier,
  shrunkenLda,
  softmax,
  type Training,
} from '../../src/index.js';

const fixture = new URL('../fixtures/decoders/decoders.json', import.meta.url);

/** scikit-learn's numbers, see make_decoders.py. */
const cases: ({ name: string; rows: number; units: number; count: number; ledoitWolf: number } & Record<
  | 'values'
  | 'classes'
  | 'patterns'
  | 'nearest'
  | 'distances'
  | 'cosines'
  | 'ldaStandardised'
  | 'ldaClasses'
  | 'ldaClassesEqual'
  | 'ldaPooled'
  | 'ridge1'
  | 'ridge100'
  | 'logistic1'
  | 'logistic001',
  number[]
>)[] = JSON.parse(readFileSync(fixture, 'utf8'));

for (const own of cases) {
  const { count } = own;
  const training: Training = { values: Float64Array.from(own.values), classes: Int32Array.from(own.classes), count };
  const scores = (decoder: Decoder) => decoder(training)(Float64Array.from(own.patterns));

  test(`${own.name}: nearest centroids are scikit-learn's`, () => {
    const found = scores(nearestCentroid());
    expectWithinAbsolute(found, own.distances, 1e-6);
    expect([...identifiedClasses(found, count)]).toEqual(own.nearest);
    expectWithinAbsolute(scores(nearestCentroid({ metric: 'cosine' })), own.cosines, 1e-9);
  });

  test(`${own.name}: discriminants' posteriors are scikit-learn's`, () => {
    const posteriors = (decoder: Decoder) => softmax(scores(decoder), count);
    expectWithinAbsolute(posteriors(shrunkenLda({ covariance: 'standardised' })), own.ldaStandardised, 1e-8);
    expectWithinAbsolute(posteriors(shrunkenLda({ covariance: 'classes' })), own.ldaClasses, 1e-8);
    expectWithinAbsolute(
      posteriors(shrunkenLda({ covariance: 'classes', priors: 'equal' })),
      own.ldaClassesEqual,
      1e-8,
    );
    expectWithinAbsolute(posteriors(shrunkenLda()), own.ldaPooled, 1e-8);
  });

  test(`${own.name}: the shrinkage of a class is scikit-learn's`, () => {
    const rows = own.classes.flatMap((c, i) => (c === 0 ? [i] : []));
    const first = Float64Array.from(rows.flatMap((i) => own.values.slice(i * own.units, (i + 1) * own.units)));
    const products = centredProducts(innerProducts(first, first, own.units), rows.length);
    expectWithinAbsolute(ledoitWolf(products, own.units).shrinkage, own.ledoitWolf, 1e-9);
  });

  test(`${own.name}: ridge predictions are scikit-learn's`, () => {
    for (const [alpha, expected] of [
      [1, own.ridge1],
      [100, own.ridge100],
    ] as const) {
      const found = scores(ridgeClassifier({ alpha }));
      // Of two classes scikit-learn gives the second one's, of which the first one's are the opposite.
      const compared = count === 2 ? found.filter((_, at) => at % 2 === 1) : found;
      expectWithinAbsolute(compared, expected, 1e-8);
      if (count === 2)
        expectWithinRelative(
          compared,
          found.filter((_, at) => at % 2 === 0).map((score) => -score),
          1e-8,
        );
    }
  });

  test(`${own.name}: logistic probabilities are scikit-learn's`, () => {
    expectWithinAbsolute(softmax(scores(logistic()), count), own.logistic1, 1e-5);
    expectWithinAbsolute(softmax(scores(logistic({ c: 0.001 })), count), own.logistic001, 1e-5);
  });
}

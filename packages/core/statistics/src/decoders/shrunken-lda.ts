import { type Decoder, decoderOf, type KnownClasses } from './decoder.js';
import { centredProducts, innerProducts, type Patterns } from './inner-products.js';
import { ledoitWolf } from './ledoit-wolf.js';
import { classProducts, linearDiscriminant } from './linear-discriminant.js';
import { standardisation } from './standardised-patterns.js';

/** Which classes are expected how often: each as in training, or all alike. */
export type Priors = 'training' | 'equal';

/**
 * Linear discriminant analysis with Ledoit and Wolf's covariance, in as many unknowns as rows: no matrix of units by units is made.
 * Scores are log posteriors, up to a number that all classes of a pattern share.
 *
 * - 'pooled' (the default): what rows are about the mean of their class has one covariance, shrunken as a whole;
 * - 'classes': each class's is shrunken by itself and they are averaged by prior, as scikit-learn's LinearDiscriminantAnalysis does with
 *   solver='lsqr', covariance_estimator=LedoitWolf();
 * - 'standardised': the same, with units standardised within each class before the shrinkage and scaled back after it, as it does with
 *   solver='lsqr', shrinkage='auto'. It depends on units and not on inner products alone, so that coordinates give something else.
 *
 * @param priors default 'training', as scikit-learn has it. Where one row is held out, its class is the rarer for that; 'equal' is fair
 */
export function shrunkenLda({
  covariance = 'pooled',
  priors = 'training',
}: {
  covariance?: 'pooled' | 'classes' | 'standardised';
  priors?: Priors;
} = {}): Decoder {
  return decoderOf((training) => {
    const { rows, count, sizes } = training;
    const expected = sizes.map((size) => (priors === 'equal' ? 1 / count : size / rows));
    if (covariance === 'standardised') return standardisedLda(training, expected);
    const products = classProducts(training.centred(), training);
    const groups = covariance === 'pooled' ? [all(rows)] : rowsOfClasses(training);
    const weights = new Float64Array(rows);
    let ridge = 0;
    for (const [c, group] of groups.entries()) {
      const share = covariance === 'pooled' ? 1 : expected[c];
      const { shrinkage, scale } = ledoitWolf(among(products.residuals, rows, group), training.units);
      for (const i of group) weights[i] = (share * (1 - shrinkage)) / group.length;
      ridge += share * shrinkage * scale;
    }
    return linearDiscriminant(training, products, { weights, ridge, priors: expected });
  });
}

/** Units are divided by the root of what they are shrunken towards, which then is the identity. */
function standardisedLda(training: KnownClasses, priors: Float64Array) {
  const { values, rows, width } = training;
  const weights = new Float64Array(rows);
  const target = new Float64Array(width);
  for (const [c, group] of rowsOfClasses(training).entries()) {
    const own = new Float64Array(group.length * width);
    for (const [k, i] of group.entries()) own.set(values.subarray(i * width, (i + 1) * width), k * width);
    const scales = standardise(own, group.length);
    const { shrinkage, scale } = ledoitWolf(innerProducts(own, own, width), width);
    for (const i of group) weights[i] = (priors[c] * (1 - shrinkage)) / group.length;
    for (let u = 0; u < width; u++) target[u] += priors[c] * shrinkage * scale * scales[u] ** 2;
  }
  // Where one class is shrunken all units have a target; where none is, there is nothing to divide by.
  const ridge = target.every((own) => own > 0) ? 1 : 0;
  const roots = target.map((own) => (ridge === 1 ? Math.sqrt(own) : 1));
  const scaled = (patterns: Patterns) => {
    const out = new Float64Array(patterns.length);
    for (let from = 0; from < out.length; from += width)
      for (let u = 0; u < width; u++) out[from + u] = patterns[from + u] / roots[u];
    return out;
  };
  const same = { ...training, values: scaled(values) };
  const centred = centredProducts(innerProducts(same.values, same.values, width), rows);
  const score = linearDiscriminant(same, classProducts(centred, same), { weights, ridge, priors });
  return (patterns: Patterns) => score(scaled(patterns));
}

/**
 * Rows less their mean and over their standard deviation, in place; units that do not vary are divided by 1.
 *
 * @returns what each unit was divided by
 */
function standardise(values: Float64Array, rows: number): Float64Array {
  const width = values.length / rows;
  const { means, deviations } = standardisation(values, width);
  // What is no more than rounding, by scikit-learn's bound, is constant.
  const scales = deviations.map((own, u) => {
    const constant = own * own <= rows * Number.EPSILON * own * own + (rows * means[u] * Number.EPSILON) ** 2;
    return constant ? 1 : own;
  });
  for (let from = 0; from < values.length; from += width)
    for (let u = 0; u < width; u++) values[from + u] = (values[from + u] - means[u]) / scales[u];
  return scales;
}

const all = (rows: number) => Array.from({ length: rows }, (_, i) => i);

function rowsOfClasses({ classes, count, rows }: KnownClasses): number[][] {
  return Array.from({ length: count }, (_, c) => all(rows).filter((i) => classes[i] === c));
}

function among(products: Float64Array, rows: number, group: readonly number[]): Float64Array {
  const out = new Float64Array(group.length ** 2);
  let at = 0;
  for (const i of group) for (const j of group) out[at++] = products[i * rows + j];
  return out;
}

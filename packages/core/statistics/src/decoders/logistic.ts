import { type Decoder, decoderOf, type Patterns } from './decoder.js';
import { centredProducts, innerProducts } from './inner-products.js';
import { lbfgs } from './lbfgs.js';
import { combinedRows, interceptsAt, linearScorer, meanRow } from './linear-scorer.js';
import { principalAxes } from './pattern-coordinates.js';

/**
 * Multinomial logistic regression with a penalty on the squared length of the weights and none on intercepts: the least of
 * C * (sum of log losses) + ||weights||^2 / 2. Scores are log odds; `softmax` of them are probabilities. Weights lie in the span of the
 * training rows, in whose principal axes they are searched where there are more than twice as many units as rows.
 *
 * As scikit-learn's LogisticRegression(C), whose model of two classes has one weight for both. Gradients at the end are within 1e-6
 * of C times the number of rows.
 *
 * @param c inverse strength of the penalty, above 0; default 1
 */
export function logistic({ c = 1 }: { c?: number } = {}): Decoder {
  if (!(c > 0 && c < Number.POSITIVE_INFINITY)) throw new RangeError(`C is ${c}; it must be a number above 0.`);
  return decoderOf(({ values, classes, count, rows, width }) => {
    const middle = meanRow(values, rows);
    // Of two classes the weights are opposite; one for both is penalised twice as much as they are.
    const strength = count === 2 ? c / 2 : c;
    if (width <= 2 * rows) {
      const centred = Float64Array.from(values, (own, at) => own - middle[at % width]);
      const { weights, intercepts } = fitCentred(centred, classes, count, strength);
      return linearScorer(weights, interceptsAt(weights, middle, intercepts));
    }
    const { variances, directions } = principalAxes(centredProducts(innerProducts(values, values, width), rows), rows);
    const dimensions = variances.length;
    const coordinates = directions.map((own, at) => own * Math.sqrt(variances[at % dimensions]));
    const { weights, intercepts } = fitCentred(coordinates, classes, count, strength);
    // A unit vector along an axis is the rows combined by its direction over its root.
    const along = weights.map((own, at) =>
      variances[at % dimensions] > 0 ? own / Math.sqrt(variances[at % dimensions]) : 0,
    );
    const inUnits = combinedRows(innerProducts(along, directions, dimensions), values, rows);
    return linearScorer(inUnits, interceptsAt(inUnits, middle, intercepts));
  });
}

/** Probabilities of classes from scores [rows x count], which are divided by the temperature. */
export function softmax(scores: Float64Array, count: number, temperature = 1): Float64Array {
  const out = new Float64Array(scores.length);
  for (let from = 0; from < scores.length; from += count) {
    let most = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < count; k++) most = Math.max(most, scores[from + k]);
    let sum = 0;
    for (let k = 0; k < count; k++) {
      out[from + k] = Math.exp((scores[from + k] - most) / temperature);
      sum += out[from + k];
    }
    for (let k = 0; k < count; k++) out[from + k] /= sum;
  }
  return out;
}

/** Weights [count x width] and intercepts [count] for rows about their mean. */
function fitCentred(values: Patterns, classes: Int32Array, count: number, c: number) {
  const rows = classes.length;
  const width = values.length / rows;
  // Curvature of the loss if it were that of even odds; unknowns are scaled so that the function is nearly as steep in each.
  const even = c * (1 / count) * (1 - 1 / count);
  const scales = new Float64Array(width);
  for (let i = 0; i < rows; i++) for (let u = 0; u < width; u++) scales[u] += values[i * width + u] ** 2;
  for (let u = 0; u < width; u++) scales[u] = 1 / Math.sqrt(1 + even * scales[u]);
  const interceptScale = 1 / Math.sqrt(even * rows);
  const scaled = Float64Array.from(values, (own, at) => own * scales[at % width]);
  const penalties = scales.map((own) => own * own);

  const evaluate = (at: Float64Array, gradient: Float64Array) => {
    const weights = at.subarray(0, count * width);
    const scores = innerProducts(scaled, weights, width);
    for (let i = 0; i < scores.length; i++) scores[i] += at[count * width + (i % count)] * interceptScale;
    const errors = softmax(scores, count);
    let value = 0;
    for (let i = 0; i < rows; i++) {
      value -= c * Math.log(Math.max(errors[i * count + classes[i]], Number.MIN_VALUE));
      errors[i * count + classes[i]] -= 1;
    }
    for (let k = 0; k < count; k++) {
      let intercept = 0;
      const own = gradient.subarray(k * width, (k + 1) * width);
      for (let i = 0; i < rows; i++) {
        const error = c * errors[i * count + k];
        intercept += error;
        const from = i * width;
        for (let u = 0; u < width; u++) own[u] += error * scaled[from + u];
      }
      gradient[count * width + k] = intercept * interceptScale;
      for (let u = 0; u < width; u++) {
        const weight = weights[k * width + u];
        own[u] += penalties[u] * weight;
        value += (penalties[u] * weight * weight) / 2;
      }
    }
    return value;
  };
  const found = lbfgs(evaluate, new Float64Array(count * (width + 1)), 1e-6);
  return {
    weights: found.subarray(0, count * width).map((own, at) => own * scales[at % width]),
    intercepts: found.subarray(count * width).map((own) => own * interceptScale),
  };
}

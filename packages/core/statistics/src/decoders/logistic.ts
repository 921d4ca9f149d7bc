import { type Decoder, decoderOf } from './decoder.js';
import { innerProducts, type Patterns } from './inner-products.js';
import { lbfgs } from './lbfgs.js';
import { combinedRows, interceptsAt, linearScorer, meanRow } from './linear-scorer.js';
import { principalAxes } from './pattern-coordinates.js';

/**
 * Multinomial logistic regression with a penalty on the squared length of the weights and none on intercepts: the least of
 * C * (sum of log losses) + ||weights||^2 / 2. Scores are log odds; `softmax` of them are probabilities. Weights lie in the span of the
 * training rows, in whose principal axes they are searched where there are more than twice as many units as rows.
 *
 * As scikit-learn's LogisticRegression(C), whose model of two classes has one weight for both. Log odds of
 * training rows end within 1e-5 of the optimum's.
 *
 * @param c inverse strength of the penalty, above 0; default 1
 */
export function logistic({ c = 1 }: { c?: number } = {}): Decoder {
  if (!(c > 0 && c < Number.POSITIVE_INFINITY)) throw new RangeError(`C is ${c}; it must be a number above 0.`);
  return decoderOf(({ values, classes, count, rows, width, centred }) => {
    const middle = meanRow(values, rows);
    // Of two classes the weights are opposite; one for both is penalised twice as much as they are.
    const strength = count === 2 ? c / 2 : c;
    if (width <= 2 * rows) {
      const about = Float64Array.from(values, (own, at) => own - middle[at % width]);
      const { weights, intercepts } = fitCentred(about, classes, count, strength);
      return linearScorer(weights, interceptsAt(weights, middle, intercepts));
    }
    const { variances, directions } = principalAxes(centred(), rows);
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
  const squares = new Float64Array(width);
  const lengths = new Float64Array(rows);
  for (let i = 0; i < rows; i++)
    for (let u = 0; u < width; u++) {
      squares[u] += values[i * width + u] ** 2;
      lengths[i] += values[i * width + u] ** 2;
    }
  const length = Math.sqrt(lengths.reduce((most, own) => Math.max(most, own), 0));
  const mean = lengths.reduce((sum, own) => sum + own, 0) / rows;
  // Unknowns are scaled so that the function is nearly as steep in each. The curvature of a row's loss is that of even odds, or, where
  // classes can be told apart, what leaves its error times its squared length at log odds of about 5.
  const curvature = Math.min((c / count) * (1 - 1 / count), 5 / mean);
  const scales = squares.map((own) => 1 / Math.sqrt(1 + curvature * own));
  const interceptScale = 1 / Math.sqrt(curvature * rows);
  // Both ways round, so that scores and gradients are inner products of rows.
  const scaled = new Float64Array(rows * width);
  const turned = new Float64Array(width * rows);
  for (let i = 0; i < rows; i++)
    for (let u = 0; u < width; u++) {
      scaled[i * width + u] = values[i * width + u] * scales[u];
      turned[u * rows + i] = scaled[i * width + u];
    }
  const penalties = scales.map((own) => own * own);
  const errors = new Float64Array(count * rows);

  const evaluate = (at: Float64Array, gradient: Float64Array) => {
    const scores = innerProducts(scaled, at.subarray(0, count * width), width);
    for (let i = 0; i < rows; i++)
      for (let k = 0; k < count; k++) scores[i * count + k] += at[count * width + k] * interceptScale;
    const odds = softmax(scores, count);
    let value = 0;
    for (let i = 0; i < rows; i++) {
      value -= c * Math.log(Math.max(odds[i * count + classes[i]], Number.MIN_VALUE));
      for (let k = 0; k < count; k++) errors[k * rows + i] = c * (odds[i * count + k] - (classes[i] === k ? 1 : 0));
    }
    gradient.set(innerProducts(errors, turned, rows));
    for (let k = 0; k < count; k++) {
      let intercept = 0;
      for (let i = 0; i < rows; i++) intercept += errors[k * rows + i];
      gradient[count * width + k] = intercept * interceptScale;
      for (let u = 0; u < width; u++) {
        const weight = at[k * width + u];
        gradient[k * width + u] += penalties[u] * weight;
        value += (penalties[u] * weight * weight) / 2;
      }
    }
    return value;
  };
  // The penalty's curvature is 1, so weights are off by at most their gradient, and log odds by that times a row's length.
  const near = (gradient: Float64Array) => {
    let [weights, intercepts] = [0, 0];
    for (let at = 0; at < count * width; at++) weights += (gradient[at] / scales[at % width]) ** 2;
    for (let k = 0; k < count; k++) intercepts += (gradient[count * width + k] * interceptScale) ** 2;
    return length * Math.sqrt(weights) + Math.sqrt(intercepts) <= 1e-5;
  };
  const found = lbfgs(evaluate, new Float64Array(count * (width + 1)), near);
  return {
    weights: found.subarray(0, count * width).map((own, at) => own * scales[at % width]),
    intercepts: found.subarray(count * width).map((own) => own * interceptScale),
  };
}

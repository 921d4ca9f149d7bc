import { backwardSolve, cholesky, forwardSolve, pseudoInverse } from '@galvani/numerics';
import type { KnownClasses, Scorer } from './decoder.js';
import { innerProducts } from './inner-products.js';
import { combinedRows, interceptsAt, linearScorer, meanRow } from './linear-scorer.js';
import { classMeans } from './nearest-centroid.js';

/** Inner products of training rows, taken apart into classes' means and what is left of them. */
export interface ClassProducts {
  /** [rows x rows], of rows about the mean of their class. */
  readonly residuals: Float64Array;
  /** [rows x classes], of such rows with classes' means about the mean of all rows. */
  readonly crossed: Float64Array;
  /** [classes], squared lengths of classes' means about the mean of all rows. */
  readonly means: Float64Array;
}

/** @param centred [rows x rows], inner products about the mean of all rows */
export function classProducts(centred: Float64Array, { classes, count, rows, sizes }: KnownClasses): ClassProducts {
  const toMeans = new Float64Array(rows * count);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < rows; j++) toMeans[i * count + classes[j]] += centred[i * rows + j] / sizes[classes[j]];
  const among = new Float64Array(count * count);
  for (let i = 0; i < rows; i++)
    for (let c = 0; c < count; c++) among[classes[i] * count + c] += toMeans[i * count + c] / sizes[classes[i]];
  const residuals = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j <= i; j++) {
      const [a, b] = [classes[i], classes[j]];
      const own = centred[i * rows + j] - toMeans[i * count + b] - toMeans[j * count + a] + among[a * count + b];
      residuals[i * rows + j] = own;
      residuals[j * rows + i] = own;
    }
  const crossed = toMeans.map((own, at) => own - among[classes[Math.floor(at / count)] * count + (at % count)]);
  return { residuals, crossed, means: Float64Array.from({ length: count }, (_, c) => among[c * (count + 1)]) };
}

/**
 * Linear discriminant scores, x' S^-1 m - m' S^-1 m / 2 + log prior, about the mean of all rows, with the covariance
 * S = ridge I + R' W R: R the rows about the mean of their class, W their weights. By Woodbury's identity all is solved in as many
 * unknowns as rows.
 *
 * @param weights [rows], W
 * @param ridge 0 only where there are at most as many units as rows, as of one unit, which is not shrunken; then S may be singular
 */
export function linearDiscriminant(
  training: KnownClasses,
  { residuals, crossed, means }: ClassProducts,
  { weights, ridge, priors }: { weights: Float64Array; ridge: number; priors: Float64Array },
): Scorer {
  const { values, classes, count, rows, sizes } = training;
  let within = 0;
  for (let i = 0; i < rows; i++) within += residuals[i * rows + i];
  if (!(within > 1e-12 * means.reduce((sum, own, c) => sum + own * sizes[c], 0)))
    throw new RangeError('The rows of each class are all alike, so that they have no covariance to divide by.');
  if (ridge === 0) return unshrunken(training, weights, priors);
  const roots = weights.map(Math.sqrt);
  const factor = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j <= i; j++) factor[i * rows + j] = residuals[i * rows + j] * roots[i] * roots[j];
    factor[i * rows + i] += ridge;
  }
  if (!cholesky(factor, rows)) throw new RangeError('Patterns are so large that their covariance is lost in rounding.');
  const coefficients = new Float64Array(count * rows);
  const middles = new Float64Array(count);
  for (let c = 0; c < count; c++) {
    const solved = Float64Array.from(roots, (root, i) => root * crossed[i * count + c]);
    forwardSolve(factor, rows, solved);
    backwardSolve(factor, rows, solved);
    const classSolved = new Float64Array(count);
    let length = means[c];
    for (let i = 0; i < rows; i++) {
      solved[i] *= roots[i];
      length -= solved[i] * crossed[i * count + c];
      classSolved[classes[i]] += solved[i] / sizes[classes[i]];
    }
    for (let i = 0; i < rows; i++) {
      const mean = (classes[i] === c ? 1 / sizes[c] : 0) - 1 / rows;
      coefficients[c * rows + i] = (mean - solved[i] + classSolved[classes[i]]) / ridge;
    }
    middles[c] = Math.log(priors[c]) - length / ridge / 2;
  }
  const weightsOfUnits = combinedRows(coefficients, values, rows);
  return linearScorer(weightsOfUnits, interceptsAt(weightsOfUnits, meanRow(values, rows), middles));
}

/** The same with a covariance [width x width]. */
function unshrunken(training: KnownClasses, weights: Float64Array, priors: Float64Array): Scorer {
  const { values, classes, rows, width } = training;
  if (width > rows) throw new RangeError('With so few rows of each class their covariances are singular; pool them.');
  const means = classMeans(training);
  const covariance = new Float64Array(width * width);
  for (let i = 0; i < rows; i++) {
    const residual = Float64Array.from(
      { length: width },
      (_, u) => values[i * width + u] - means[classes[i] * width + u],
    );
    for (let u = 0; u < width; u++)
      for (let v = 0; v < width; v++) covariance[u * width + v] += weights[i] * residual[u] * residual[v];
  }
  const middle = meanRow(values, rows);
  const off = means.map((own, at) => own - middle[at % width]);
  const solved = innerProducts(off, pseudoInverse(covariance, width, width), width);
  const middles = Float64Array.from(priors, (prior, c) => {
    const [a, b] = [solved, off].map((all) => all.subarray(c * width, (c + 1) * width));
    return Math.log(prior) - innerProducts(a, b, width)[0] / 2;
  });
  return linearScorer(solved, interceptsAt(solved, middle, middles));
}

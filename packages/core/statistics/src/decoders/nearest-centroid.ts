import { type Decoder, decoderOf, type KnownClasses } from './decoder.js';
import type { DecodingFold } from './held-out-scores.js';
import { innerProducts } from './inner-products.js';
import { combinedRows } from './linear-scorer.js';

/**
 * The nearest mean of a class. The score is minus the squared Euclidean distance to it, or the cosine of the angle between pattern and
 * mean as seen from the origin (0 where either is null).
 *
 * As scikit-learn's NearestCentroid, whose metric is Euclidean. Tibshirani et al., PNAS 99 (2002), 6567-6572, without its shrinkage.
 */
export function nearestCentroid({ metric = 'euclidean' }: { metric?: 'euclidean' | 'cosine' } = {}): Decoder {
  return decoderOf((training) => {
    const { width, count } = training;
    const centroids = classMeans(training);
    const own = squares(centroids, width);
    return (patterns) => {
      const theirs = squares(patterns, width);
      return innerProducts(patterns, centroids, width).map((product, at) => {
        const [a, b] = [theirs[Math.floor(at / count)], own[at % count]];
        if (metric === 'euclidean') return 2 * product - a - b;
        return a > 0 && b > 0 ? product / Math.sqrt(a * b) : 0;
      });
    };
  });
}

/**
 * Scores of the rows that each fold holds out for their nearest centroid (Euclidean), as `heldOutScores` has them, from inner products
 * alone: |x - m|^2 = x.x - 2 x.m + m.m, each a mean of products. A class without training rows scores -Infinity.
 *
 * @param products [rows x rows]
 * @param classes [rows]; those of rows that no fold trains on are not looked at
 * @returns for each fold [held-out rows x count]
 */
export function heldOutCentroidScores(
  products: Float64Array,
  classes: Int32Array,
  count: number,
  folds: readonly DecodingFold[],
): Float64Array[] {
  const rows = classes.length;
  return folds.map(({ training, heldOut }) => {
    const groups = Array.from({ length: count }, () => [] as number[]);
    for (const row of training) groups[classes[row]].push(row);
    const lengths = groups.map((group) => {
      let sum = 0;
      for (const i of group) for (const j of group) sum += products[i * rows + j];
      return sum / group.length ** 2;
    });
    const scores = new Float64Array(heldOut.length * count).fill(Number.NEGATIVE_INFINITY);
    for (let i = 0; i < heldOut.length; i++)
      for (const [c, group] of groups.entries()) {
        if (group.length === 0) continue;
        const from = heldOut[i] * rows;
        let sum = 0;
        for (const j of group) sum += products[from + j];
        scores[i * count + c] = (2 * sum) / group.length - products[from + heldOut[i]] - lengths[c];
      }
    return scores;
  });
}

/** The mean pattern of each class, [classes x width]. */
export function classMeans({ values, classes, count, rows, sizes }: KnownClasses): Float64Array {
  const shares = new Float64Array(count * rows);
  for (let i = 0; i < rows; i++) shares[classes[i] * rows + i] = 1 / sizes[classes[i]];
  return combinedRows(shares, values, rows);
}

function squares(values: ArrayLike<number>, width: number): Float64Array {
  const out = new Float64Array(values.length / width);
  for (let i = 0; i < out.length; i++) for (let u = 0; u < width; u++) out[i] += values[i * width + u] ** 2;
  return out;
}

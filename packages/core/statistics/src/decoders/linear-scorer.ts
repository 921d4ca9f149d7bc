import type { Scorer } from './decoder.js';
import { innerProducts, type Patterns } from './inner-products.js';

/**
 * Scores that are linear in a pattern: weights times pattern, plus an intercept.
 *
 * @param weights [classes x width]
 * @param intercepts [classes]
 */
export function linearScorer(weights: Float64Array, intercepts: Float64Array): Scorer {
  const count = intercepts.length;
  return (patterns) =>
    innerProducts(patterns, weights, weights.length / count).map((own, at) => own + intercepts[at % count]);
}

/** Sums of training rows by coefficients [classes x rows], [classes x width]: the weights of a linear decoder in the rows' span. */
export function combinedRows(coefficients: Float64Array, values: Patterns, rows: number): Float64Array {
  const width = values.length / rows;
  const count = coefficients.length / rows;
  const out = new Float64Array(count * width);
  for (let c = 0; c < count; c++)
    for (let i = 0; i < rows; i++) {
      const own = coefficients[c * rows + i];
      if (own === 0) continue;
      const [to, from] = [c * width, i * width];
      for (let u = 0; u < width; u++) out[to + u] += own * values[from + u];
    }
  return out;
}

/** Intercepts with which scores are `middles` at a point, [classes]. */
export function interceptsAt(weights: Float64Array, point: Float64Array, middles: Float64Array): Float64Array {
  return middles.map((own, c) => {
    let sum = 0;
    for (let u = 0; u < point.length; u++) sum += weights[c * point.length + u] * point[u];
    return own - sum;
  });
}

/** The mean of rows, [width]. */
export function meanRow(values: Patterns, rows: number): Float64Array {
  return combinedRows(new Float64Array(rows).fill(1 / rows), values, rows);
}

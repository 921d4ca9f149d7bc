import { type Interval, tQuantile } from '@galvani/numerics';
import type { PatternProducts } from './noise-normalisation.js';
import { cellRows, conditionPairs, type PatternCells } from './pattern-cells.js';

/** How far two conditions' patterns lie apart. */
export interface CrossnobisDistance extends Interval {
  a: number;
  b: number;
  /** Squared, for each unit; in variances of the noise. */
  distance: number;
  /** Of the distance. */
  error: number;
  df: number;
}

/**
 * Cross-validated squared Mahalanobis distances ('crossnobis') of every two conditions, over the number of units. With d_s the difference
 * of the conditions' mean patterns in session s, the mean of d_s' d_r / units over pairs of different sessions: no noise is multiplied by itself,
 * so that it is 0 on average where there is no difference, and may be negative.
 *
 * The interval is d -+ t(0.975, df) error: prompts are the sample, df are prompts of both conditions less their cells. The variance is
 * that of prompts projected on the other sessions' difference, less what the noise of that difference adds to it, and at least what
 * the distance has where there is no difference; so intervals of small distances are on the wide side. The noise normalisation is taken as known.
 *
 * Walther et al., NeuroImage 137 (2016), 188-200; Diedrichsen et al., arXiv 1607.01371 (2016), on the variance.
 *
 * @returns pairs in the order of `conditionPairs`
 * @throws RangeError for less than two sessions, or where a condition has no prompt in one
 */
export function crossnobis({ products, units }: PatternProducts, cells: PatternCells): CrossnobisDistance[] {
  const { sessions, conditions } = cells;
  if (sessions < 2) throw new RangeError('Distances are validated across sessions, of which there is one.');
  const rows = cellRows(cells);
  const means = cellMeans(products, rows);
  const size = rows.length;
  const factor = 2 / (sessions * (sessions - 1) * units);
  return conditionPairs(conditions).map(([a, b]) => {
    let sum = 0;
    let spread = 0;
    let noise = 0;
    let df = 0;
    for (let s = 0; s < sessions; s++) {
      const own = [rows[s * conditions + a], rows[s * conditions + b]];
      for (let r = 0; r < s; r++) {
        const [sa, sb, ra, rb] = [s * conditions + a, s * conditions + b, r * conditions + a, r * conditions + b];
        sum += means.among[sa * size + ra] - means.among[sa * size + rb];
        sum -= means.among[sb * size + ra] - means.among[sb * size + rb];
        for (const mine of own)
          for (const theirs of [rows[ra], rows[rb]]) noise += squaredCovariances(products, mine, theirs);
      }
      for (const mine of own) {
        const onOthers = Float64Array.from(mine, (row) => {
          let product = 0;
          for (let r = 0; r < sessions; r++)
            if (r !== s)
              product += means.ofRow[row * size + r * conditions + a] - means.ofRow[row * size + r * conditions + b];
          return product;
        });
        spread += varianceOfMean(onOthers);
        df += mine.length - 1;
      }
    }
    const distance = factor * sum;
    // noise is the variance where there is no difference, and with one it is larger.
    const error = factor * Math.sqrt(Math.max(spread - noise, noise));
    const reach = df > 0 ? tQuantile(0.975, df) * error : Number.NaN;
    return { a, b, distance, error, df, lower: distance - reach, upper: distance + reach };
  });
}

/** Inner products of cells' mean patterns with prompts, [prompts x cells], and among each other, [cells x cells]. */
export function cellMeans(products: Float64Array, rows: readonly Int32Array[]) {
  const prompts = Math.sqrt(products.length);
  const size = rows.length;
  const ofRow = new Float64Array(prompts * size);
  for (let i = 0; i < prompts; i++)
    for (const [c, own] of rows.entries()) {
      let sum = 0;
      for (const j of own) sum += products[i * prompts + j];
      ofRow[i * size + c] = sum / own.length;
    }
  const among = new Float64Array(size * size);
  for (const [c, own] of rows.entries())
    for (let d = 0; d < size; d++) {
      let sum = 0;
      for (const i of own) sum += ofRow[i * size + d];
      among[c * size + d] = sum / own.length;
    }
  return { ofRow, among };
}

/** trace(V W) of the covariances V and W of two cells' mean patterns, unbiased; NaN where a cell has one prompt. */
function squaredCovariances(products: Float64Array, a: Int32Array, b: Int32Array): number {
  const prompts = Math.sqrt(products.length);
  const [n, m] = [a.length, b.length];
  const onB = new Float64Array(n);
  const onA = new Float64Array(m);
  let mean = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < m; j++) {
      const own = products[a[i] * prompts + b[j]];
      onB[i] += own / m;
      onA[j] += own / n;
      mean += own / (n * m);
    }
  let sum = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < m; j++) sum += (products[a[i] * prompts + b[j]] - onB[i] - onA[j] + mean) ** 2;
  return sum / (n * (n - 1) * m * (m - 1));
}

function varianceOfMean(values: Float64Array): number {
  const n = values.length;
  const mean = values.reduce((sum, own) => sum + own, 0) / n;
  return values.reduce((sum, own) => sum + (own - mean) ** 2, 0) / (n * (n - 1));
}

import type { PatternProducts } from './noise-normalisation.js';
import { cellRows, conditionPairs, type PatternCells } from './pattern-cells.js';

/**
 * Squared distances within each session alone, over the number of units, [sessions x pairs]: crossnobis with every prompt as a fold, so that no
 * session has a part in another's. NaN where a condition has one prompt in a session.
 */
export function sessionDistances({ products, units }: PatternProducts, cells: PatternCells): Float64Array {
  const { sessions, conditions } = cells;
  const prompts = Math.sqrt(products.length);
  const rows = cellRows(cells);
  const pairs = conditionPairs(conditions);
  const out = new Float64Array(sessions * pairs.length);
  /** Mean product of two different prompts. */
  const mean = (a: Int32Array, b: Int32Array) => {
    let sum = 0;
    for (const i of a) for (const j of b) if (i !== j) sum += products[i * prompts + j];
    return sum / (a === b ? a.length * (a.length - 1) : a.length * b.length);
  };
  for (let s = 0; s < sessions; s++) {
    const own = rows.slice(s * conditions, (s + 1) * conditions);
    const self = own.map((each) => mean(each, each));
    for (const [k, [a, b]] of pairs.entries())
      out[s * pairs.length + k] = (self[a] + self[b] - 2 * mean(own[a], own[b])) / units;
  }
  return out;
}

/** How well any matrix could agree with those of single sessions, for each of them. */
export interface NoiseCeiling {
  /** Correlation with the mean of the others' matrices, [sessions]. A true matrix would do at least as well on average. */
  lower: Float64Array;
  /** Correlation with the mean of all sessions' matrices, its own among them, [sessions]. No matrix does better on average. */
  upper: Float64Array;
}

/**
 * Pearson correlations of matrices; before they are averaged, each is centred and scaled to standard deviation 1.
 * NaN throughout for fewer than three pairs or two sessions.
 *
 * Nili et al., PLoS Computational Biology 10 (2014), e1003553.
 *
 * @param distances [sessions x pairs]
 */
export function noiseCeiling(distances: Float64Array, sessions: number): NoiseCeiling {
  const pairs = distances.length / sessions;
  const [lower, upper] = [0, 1].map(() => new Float64Array(sessions).fill(Number.NaN));
  if (pairs < 3 || sessions < 2) return { lower, upper };
  const standard = Array.from({ length: sessions }, (_, s) =>
    unitPattern(distances.subarray(s * pairs, (s + 1) * pairs)),
  );
  const sum = new Float64Array(pairs);
  for (const own of standard) for (let k = 0; k < pairs; k++) sum[k] += own[k];
  for (const [s, own] of standard.entries()) {
    upper[s] = correlation(own, sum);
    lower[s] = correlation(
      own,
      sum.map((total, k) => total - own[k]),
    );
  }
  return { lower, upper };
}

/** Less its mean, of length 1. */
function unitPattern(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, own) => sum + own, 0) / values.length;
  const centred = values.map((own) => own - mean);
  const length = Math.hypot(...centred);
  return centred.map((own) => own / length);
}

/** Of a centred pattern of length 1 with another centred one. */
function correlation(own: Float64Array, other: Float64Array): number {
  let product = 0;
  for (let k = 0; k < own.length; k++) product += own[k] * other[k];
  return product / Math.hypot(...other);
}

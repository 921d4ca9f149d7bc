import { normalQuantile, zFromLogP } from '@galvani/numerics';

/** How the threshold of a network accounts for many units. */
export interface ThresholdRule {
  /** p at which a unit passes, where that depends on the number of units tested alone. */
  level?(alpha: number, tested: number): number;
  /** Adjusts a family of p, natural logarithms. */
  adjust?(logP: Float64Array): Float64Array;
}

/**
 * The |z| from which a unit belongs to a network, of a rule that has a level; undefined of others.
 *
 * @example levelDeviate({ level: (alpha, tested) => alpha / tested }, 0.05, 1000) // 4.0556
 */
export function levelDeviate(rule: ThresholdRule, alpha: number, tested: number): number | undefined {
  return rule.level && -normalQuantile(rule.level(alpha, tested) / 2);
}

/**
 * The least |z| of a family that an adjustment keeps; Infinity where it keeps none.
 *
 * @param logP two-sided, natural logarithms, of the units whose own p is at most alpha: no adjustment makes a p smaller, and what
 *   they are does not depend on larger p
 * @param tested size of the family
 */
export function adjustedDeviate(
  adjust: (logP: Float64Array) => Float64Array,
  alpha: number,
  logP: Float64Array,
  tested: number,
): number {
  const family = new Float64Array(Math.max(tested, logP.length));
  // In order, and followed by p of 1.
  family.set(logP.slice().sort());
  const adjusted = adjust(family);
  const limit = Math.log(alpha);
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logP.length; i++) if (adjusted[i] <= limit) largest = Math.max(largest, family[i]);
  return largest === Number.NEGATIVE_INFINITY ? Number.POSITIVE_INFINITY : zFromLogP(largest - Math.LN2);
}

/**
 * The |z| that the largest of a family reaches at most with probability alpha, from maxima of m random relabellings:
 * (b + 1) / (m + 1) of the threshold is at most alpha. Infinity where m is too small.
 *
 * @param families of like size and independent relabellings that the promise is for, default 1
 */
export function familywiseDeviate(maxima: Float64Array, alpha: number, families = 1): number {
  const m = maxima.length;
  const share = -Math.expm1(Math.log1p(-alpha) / families);
  const allowed = Math.floor(share * (m + 1) - 1 + 1e-9);
  if (allowed < 0) return Number.POSITIVE_INFINITY;
  const sorted = maxima.slice().sort();
  return allowed >= m ? 0 : sorted[m - 1 - allowed];
}

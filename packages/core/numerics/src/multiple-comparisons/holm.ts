import { orderFamily, restore } from './ordered.js';

/**
 * Holm's step-down adjusted p. Controls the family-wise error under any dependence and rejects all that Bonferroni does.
 * Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scand. J. Statist. 6, 65-70.
 *
 * @param logP natural log p of each unit; NaN = untested, left NaN and not counted
 * @returns natural log of adjusted p, in the same order
 * @example holm(Float64Array.of(0.01, 0.02, 0.04).map(Math.log)).map(Math.exp) // [0.03, 0.04, 0.04]
 */
export function holm(logP: Float64Array): Float64Array {
  const family = orderFamily(logP);
  const n = family.order.length;
  const adjusted = new Float64Array(n);
  let largest = -Infinity;
  for (let k = 0; k < n; k++) {
    largest = Math.max(largest, family.logP[k] + Math.log(n - k));
    adjusted[k] = Math.min(0, largest);
  }
  return restore(family, adjusted, logP.length);
}

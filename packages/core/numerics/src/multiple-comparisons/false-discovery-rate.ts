import { orderFamily, restore } from './ordered.js';

/**
 * Benjamini and Hochberg's adjusted p (also called q): the smallest false discovery rate at which a unit is found. Valid
 * for independent and positively dependent units.
 * Benjamini, Y. & Hochberg, Y. (1995). J. R. Statist. Soc. B 57, 289-300.
 *
 * @param logP natural log p of each unit; NaN = untested, left NaN and not counted
 * @returns natural log of adjusted p, in the same order
 * @example benjaminiHochberg(Float64Array.of(0.01, 0.02, 0.04).map(Math.log)).map(Math.exp) // [0.03, 0.03, 0.04]
 */
export function benjaminiHochberg(logP: Float64Array): Float64Array {
  return stepUp(logP, () => 0);
}

/**
 * Benjamini and Yekutieli's adjusted p: as Benjamini and Hochberg's times 1 + 1/2 + ... + 1/n, valid under any dependence.
 * Benjamini, Y. & Yekutieli, D. (2001). Ann. Statist. 29, 1165-1188.
 *
 * @param logP natural log p of each unit; NaN = untested, left NaN and not counted
 * @returns natural log of adjusted p, in the same order
 * @example benjaminiYekutieli(Float64Array.of(0.01, 0.02, 0.04).map(Math.log)).map(Math.exp) // [0.055, 0.055, 0.073]
 */
export function benjaminiYekutieli(logP: Float64Array): Float64Array {
  return stepUp(logP, (n) => {
    let harmonic = 0;
    for (let i = n; i >= 1; i--) harmonic += 1 / i;
    return Math.log(harmonic);
  });
}

function stepUp(logP: Float64Array, penalty: (n: number) => number): Float64Array {
  const family = orderFamily(logP);
  const n = family.order.length;
  const constant = Math.log(n) + penalty(n);
  const adjusted = new Float64Array(n);
  let smallest = 0;
  for (let k = n - 1; k >= 0; k--) {
    smallest = Math.min(smallest, family.logP[k] + constant - Math.log(k + 1));
    adjusted[k] = smallest;
  }
  return restore(family, adjusted, logP.length);
}

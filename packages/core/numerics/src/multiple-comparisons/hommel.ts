import { type OrderedFamily, orderFamily, restore } from './ordered.js';

/**
 * Hommel's adjusted p: the closed testing procedure with Simes' test, so the most powerful of the family-wise corrections
 * here that look at p alone. Valid for independent and positively dependent units.
 * Hommel, G. (1988). Biometrika 75, 383-386. In the form of Meijer, R., Krebs, T. & Goeman, J. (2019). Hommel's procedure
 * in linear time. Biometrical J. 61, 73-82; here in n log n, on logarithms, so that p below 1e-308 keep their order.
 *
 * @param logP natural log p of each unit; NaN = untested, left NaN and not counted
 * @returns natural log of adjusted p, in the same order
 * @example hommel(Float64Array.of(0.01, 0.02, 0.04).map(Math.log)).map(Math.exp) // [0.03, 0.04, 0.04]
 */
export function hommel(logP: Float64Array): Float64Array {
  const family = orderFamily(logP);
  const n = family.order.length;
  const simes = simesOfLargest(family);
  const adjusted = new Float64Array(n);
  // h(alpha) = i for alpha in [simes[i + 1], simes[i]), and a unit is rejected at alpha if h(alpha) p <= alpha. So its
  // adjusted p lies in the interval of the largest i with i p < simes[i], which falls as p rises.
  let i = n;
  for (let k = 0; k < n; k++) {
    while (i > 0 && family.logP[k] + Math.log(i) >= simes[i]) i--;
    const own = Math.max(i < n ? simes[i + 1] : -Infinity, i > 0 ? family.logP[k] + Math.log(i) : -Infinity);
    // Adjusted p rise with p; only the rounding of two intervals' borders could say otherwise.
    adjusted[k] = k > 0 ? Math.max(own, adjusted[k - 1]) : own;
  }
  return restore(family, adjusted, logP.length);
}

/**
 * Hommel's h at `alpha`: an upper bound (confidence 1 - alpha) on the number of units without an effect, and the divisor in
 * "reject where p <= alpha / h".
 */
export function hommelValue(logP: Float64Array, alpha: number): number {
  const simes = simesOfLargest(orderFamily(logP));
  let h = simes.length - 1;
  while (h > 0 && simes[h] <= Math.log(alpha)) h--;
  return h;
}

/**
 * Entry i (1 to n): log of Simes' p for the i largest p, i times the least of p_(n-i+j) / j over j = 1..i.
 *
 * With a = n - i the least over k of log p_k - log(k - a) is at a k that never falls as a rises (the function is Monge),
 * so the least of the middle a splits the search for the others in two.
 */
function simesOfLargest({ logP }: OrderedFamily): Float64Array {
  const n = logP.length;
  const log = Float64Array.from({ length: n + 1 }, (_, i) => Math.log(i));
  const simes = new Float64Array(n + 1);
  const search = (aFrom: number, aTo: number, kFrom: number, kTo: number): void => {
    if (aFrom > aTo) return;
    const a = (aFrom + aTo) >> 1;
    let least = Infinity;
    let at = Math.max(kFrom, a + 1);
    for (let k = at; k <= kTo; k++) {
      const value = logP[k - 1] - log[k - a];
      if (value < least) {
        least = value;
        at = k;
      }
    }
    simes[n - a] = least + log[n - a];
    search(aFrom, a - 1, kFrom, at);
    search(a + 1, aTo, at, kTo);
  };
  search(0, n - 1, 1, n);
  simes[0] = Infinity;
  return simes;
}

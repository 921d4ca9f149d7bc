import { type Interval, tQuantile } from '@galvani/numerics';

/** A jackknife's 95% interval, with what it rests on. */
export interface Jackknife extends Interval {
  error: number;
}

/**
 * The 95% interval of an estimate from what it is with each of n samples left out in turn: t with n - 1 degrees of freedom of the pseudo-values. It takes
 * samples for independent, and nothing of what an estimate is made of: units may depend on each other in any way.
 *
 * Tukey, Annals of Mathematical Statistics 29 (1958), 614; Arvesen, ibid. 40 (1969), 2076-2100, of averages over pairs.
 *
 * @param without the estimate with each sample left out, [n]; NaN throughout for fewer than 2, or where one is not known
 * @example jackknife(2, [2.5, 2, 1.5]) // { error: 0.5774, lower: -0.4841, upper: 4.4841 }
 */
export function jackknife(estimate: number, without: ArrayLike<number>): Jackknife {
  const n = without.length;
  const mean = Array.from(without).reduce((sum, own) => sum + own, 0) / n;
  const squares = Array.from(without).reduce((sum, own) => sum + (own - mean) ** 2, 0);
  const error = n < 2 ? Number.NaN : Math.sqrt(((n - 1) / n) * squares);
  const reach = Number.isNaN(error) ? Number.NaN : tQuantile(0.975, n - 1) * error;
  return { error, lower: estimate - reach, upper: estimate + reach };
}

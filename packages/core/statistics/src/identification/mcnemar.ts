import { betaLogCdf } from '@galvani/numerics';

/**
 * Two-sided p that two decoders are right equally often, from the patterns of which one alone is right: twice the smaller tail of the
 * binomial of even odds, at most 1. It takes patterns to be independent.
 *
 * As statsmodels' mcnemar(exact=True). McNemar, Psychometrika 12 (1947), 153-157.
 *
 * @example mcnemarP(2, 10) // 0.0386
 */
export function mcnemarP(onlyFirst: number, onlySecond: number): number {
  const all = onlyFirst + onlySecond;
  const fewer = Math.min(onlyFirst, onlySecond);
  if (2 * fewer === all) return 1;
  // P(X <= k) of n trials at even odds is the beta distribution's P(B <= 1/2) with n - k and k + 1.
  return Math.min(1, 2 * Math.exp(betaLogCdf(0.5, all - fewer, fewer + 1)));
}

import type { StageParameters } from '@galvani/study';

type Sign = StageParameters['networks']['sign'];

/** How strong a statistic is for a network of units of a sign: its size for both, else its value in that direction. */
export const strengthOf = (statistic: number, sign: Sign): number =>
  sign === 'both' ? Math.abs(statistic) : sign === 'positive' ? statistic : -statistic;

/**
 * How many units a share of the tested ones is, at least 1.
 *
 * @param share above 0, at most 1
 * @example strongestCount(0.01, 23104) // 231
 */
export const strongestCount = (share: number, tested: number): number => Math.max(1, Math.round(share * tested));

/**
 * The strongest share of units: 1 or -1 (the statistic's sign) for those in it, else 0. Units that tie with the last are in it, so it does not
 * depend on how units are ordered; units whose statistic has not the wanted sign never are.
 *
 * @param statistic of each unit; NaN for units that do not count
 * @param share of the others, above 0, at most 1
 * @example strongestShare(Float64Array.of(3, -4, Number.NaN, 1, 2), 0.5, 'both') // [1, -1, 0, 0, 0]
 */
export function strongestShare(statistic: Float64Array, share: number, sign: Sign): Int8Array {
  const tested = statistic.filter((value) => !Number.isNaN(value)).map((value) => strengthOf(value, sign));
  const cut = tested.sort().at(-strongestCount(share, tested.length)) ?? Number.POSITIVE_INFINITY;
  return Int8Array.from(statistic, (value) => {
    const strength = strengthOf(value, sign);
    return strength >= cut && strength > 0 ? Math.sign(value) : 0;
  });
}

import type { StatisticMap } from '@galvani/artifact';
import type { Slices } from '@galvani/study';

/** Name of the column that each correction is applied to. */
export const correctedColumn = {
  familywise: 'log10_p_familywise',
  fdr: 'log10_q_fdr',
  bonferroni: 'log10_p_bonferroni',
  none: 'log10_p',
} as const;

/**
 * For each unit of a map 1 or -1 (a member whose effect is above or below rest) or 0: the corrected p is at most alpha, the
 * effect is large enough and has a wanted sign.
 */
export function membership(map: StatisticMap, contrast: string, rule: Slices['networks']): Int8Array {
  const { d, [correctedColumn[rule.correction]]: log10p } = map.contrasts.get(contrast)!;
  const limit = Math.log10(rule.alpha);
  return Int8Array.from(d, (value, u) => {
    // Equality is meant: a p of exactly alpha is significant, and its logarithm must not lose that by rounding.
    const significant = log10p[u] <= limit + 1e-12;
    if (!significant || !(Math.abs(value) >= rule.minimumEffect)) return 0;
    const sign = value > 0 ? 1 : -1;
    return rule.sign === 'both' || (rule.sign === 'positive') === sign > 0 ? sign : 0;
  });
}

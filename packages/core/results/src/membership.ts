import { correctionColumn, kindsOverTasks, type StageParameters } from '@galvani/study';
import type { WholeMap } from './whole-map.js';

type Rule = StageParameters['networks'];

/**
 * The column of a map that a network's members are chosen by. Of a contrast or conjunction it is that of its own units, whatever the
 * rule's family.
 */
export const networkColumn = (kind: WholeMap['kind'], { correction, family }: Pick<Rule, 'correction' | 'family'>) =>
  correctionColumn(correction, kindsOverTasks.includes(kind) ? family : 'task');

/** 1 or -1 for an effect (Cohen's d) that is large enough for a network and has a wanted sign, else 0. */
export function effectSign(d: number, { minimumEffect, sign }: Pick<Rule, 'minimumEffect' | 'sign'>): -1 | 0 | 1 {
  if (!(Math.abs(d) >= minimumEffect)) return 0;
  const own = d > 0 ? 1 : -1;
  return sign === 'both' || (sign === 'positive') === own > 0 ? own : 0;
}

/** For each unit 1 if networks count it: not where it copies another that counts, nor where it is unreachable and they are dropped. */
export function countedUnits(
  { copyOf, unreachable }: Pick<WholeMap, 'copyOf' | 'unreachable'>,
  rule: Pick<Rule, 'copies' | 'unreachable'>,
): Uint8Array {
  return Uint8Array.from(copyOf, (of, u) =>
    (rule.copies === 'once' && of >= 0) || (rule.unreachable === 'drop' && unreachable[u] === 1) ? 0 : 1,
  );
}

/**
 * The rule by which a map's units belong to a network: for each unit 1 or -1 (a member whose effect is above or below rest) or
 * 0: it counts, the corrected p is at most alpha, and the effect is large enough and has a wanted sign.
 */
export function membership(map: WholeMap, rule: Rule): Int8Array {
  const log10p = map.statistic(networkColumn(map.kind, rule));
  // Equality is meant: a p of exactly alpha is significant, and its logarithm must not lose that by rounding.
  const limit = Math.log10(rule.alpha) + 1e-12;
  const d = map.statistic('d');
  // A conjunction has no effect size of its own, but the sign of the least of its tasks' statistics.
  const [effect, wanted] = d.every(Number.isNaN) ? [map.statistic('z'), { ...rule, minimumEffect: 0 }] : [d, rule];
  const counted = countedUnits(map, rule);
  return Int8Array.from(effect, (value, u) => (counted[u] && log10p[u] <= limit ? effectSign(value, wanted) : 0));
}

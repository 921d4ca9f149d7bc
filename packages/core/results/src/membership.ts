import { correctionColumn, kindsOverTasks, type StageParameters } from '@galvani/study';
import { strongestShare } from './strongest-units.js';
import type { WholeMap } from './whole-map.js';

type Rule = StageParameters['networks'];

/**
 * The column of a map that a network's members are chosen by. Of a contrast or conjunction it is that of its own units, whatever the
 * rule's family.
 */
export const networkColumn = (kind: WholeMap['kind'], { correction, family }: Pick<Rule, 'correction' | 'family'>) =>
  correctionColumn(correction, kindsOverTasks.includes(kind) ? family : 'task');

/**
 * 1 or -1 for an effect (Cohen's d) that is large enough for a network and has a wanted sign, else 0. Where the strongest units are taken
 * (`top`), no effect is too small.
 */
export function effectSign(
  d: number,
  { minimumEffect, sign, top }: Pick<Rule, 'minimumEffect' | 'sign' | 'top'>,
): -1 | 0 | 1 {
  if (!(Math.abs(d) >= (top === undefined ? minimumEffect : 0))) return 0;
  const own = d > 0 ? 1 : -1;
  return sign === 'both' || (sign === 'positive') === own > 0 ? own : 0;
}

/** For each unit 1 if networks count it: not where it copies another that counts, nor where it is unreachable and they are dropped. */
export function countedUnits(
  { copyOf, unreachable }: Pick<WholeMap, 'copyOf' | 'unreachable'>,
  rule: Pick<Rule, 'copies' | 'unreachable'>,
): Uint8Array {
  const [once, reachable] = [rule.copies === 'once', rule.unreachable === 'drop'];
  // A loop: `from` with a function takes several times as long, and the viewer's first map waits for this.
  const counted = new Uint8Array(copyOf.length);
  for (let u = 0; u < counted.length; u++)
    counted[u] = (once && copyOf[u] >= 0) || (reachable && unreachable[u] === 1) ? 0 : 1;
  return counted;
}

/**
 * The rule by which a map's units belong to a network: for each unit 1 or -1 (a member whose effect is above or below rest) or
 * 0: it counts, the corrected p is at most alpha, and the effect is large enough and has a wanted sign. With `top` it counts and is among
 * the strongest by t; by z of maps that have no t.
 */
export function membership(map: WholeMap, rule: Rule): Int8Array {
  if (rule.top !== undefined) return strongestMembers(map, rule, rule.top);
  const log10p = correctedP(map, rule);
  // Equality is meant: a p of exactly alpha is significant, and its logarithm must not lose that by rounding.
  const limit = Math.log10(rule.alpha) + 1e-12;
  const d = map.statistic('d');
  // A conjunction has no effect size of its own, but the sign of the least of its tasks' statistics.
  const [effect, wanted] = d.every(Number.isNaN) ? [map.statistic('z'), { ...rule, minimumEffect: 0 }] : [d, rule];
  const counted = countedUnits(map, rule);
  const member = new Int8Array(effect.length);
  for (let u = 0; u < member.length; u++)
    if (counted[u] && log10p[u] <= limit) member[u] = effectSign(effect[u], wanted);
  return member;
}

/** Base-10 logarithms of the corrected p that the rule applies a threshold to, [units]; NaN where the strongest are taken, whatever their p. */
export function correctedP(map: WholeMap, rule: Rule): Float64Array {
  const log10p = map.statistic(networkColumn(map.kind, rule));
  return rule.top === undefined ? log10p : log10p.fill(Number.NaN);
}

function strongestMembers(map: WholeMap, rule: Rule, share: number): Int8Array {
  const t = map.statistic('t');
  const statistic = t.some(Number.isFinite) ? t : map.statistic('z');
  const counted = countedUnits(map, rule);
  return strongestShare(
    statistic.map((value, u) => (counted[u] ? value : Number.NaN)),
    share,
    rule.sign,
  );
}

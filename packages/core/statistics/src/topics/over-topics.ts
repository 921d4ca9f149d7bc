import { type FamilywiseNull, familywiseNull } from '../inference/familywise-null.js';
import { labelTopics } from './labellings-of-topics.js';

/** A group of topics against the other topics, topics being what is sampled. */
export interface OverTopicsOptions {
  /** Number of topics of the group, G: 1 asks whether a topic differs from what one more topic might. */
  group: number;
  /** Number of all topics, G + K; the group's are the first. */
  topics: number;
  /** Covariance of the topics' effects for a variance within topics of 1, [(G + K) x (G + K)]. */
  covariance: Float64Array;
  /** Most relabellings. */
  count: number;
  seed: string | number;
}

/** Statistics of some units, each [units]. */
export interface OverTopicsStatistics {
  /** Mean of the group's topics minus that of the others. */
  effect: Float64Array;
  variance: Float64Array;
  /** NaN for a unit without variation. */
  t: Float64Array;
  /** Estimated variance between topics, what prompts add to it taken off; not below 0. */
  between: Float64Array;
}

/** Gathers the test over chunks of units that make up one family. */
export interface OverTopics {
  /** Topics less 2. */
  df: number;
  labellings: number;
  exhaustive: boolean;
  /** The least family-wise p. */
  smallestP: number;
  /**
   * @param effects of all topics, [(G + K) x units]
   * @param variance of prompts within topics, [units]
   */
  add(effects: Float64Array, variance: Float64Array): OverTopicsStatistics;
  /** The null distribution of the largest |t| over all units added so far. */
  finish(): FamilywiseNull;
}

/**
 * A contrast whose null hypothesis is that the group's topics are further draws from where the other topics come from. Topics differ
 * without end, so any topic differs from the average topic: this asks whether the group differs by more. It is the second level of
 * imaging with topics for subjects: a t test of two samples whose observations are topics' effects. Of one topic it asks whether that lies
 * where one more topic would. Family-wise p are by relabelling which topics are the group.
 *
 * Where the group has more prompts than others have, its mean is surer than the test takes it to be, which errs on the safe side; where it
 * has fewer, what that adds to the variance is added.
 *
 * Sources: Clark, J. Verbal Learn. Verbal Behav. 12 (1973), why items are to be sampled; Holmes and Friston, NeuroImage 7 (1998), the
 * second level; Crawford and Howell, Clin. Neuropsychol. 12 (1998), one case against a sample.
 */
export function overTopics({ group: G, topics: P, covariance, count, seed }: OverTopicsOptions): OverTopics {
  const K = P - G;
  if (G < 1 || P < 4 || K < 2)
    throw new RangeError(`${G} of ${P} topics are too few: the group needs 1, the others 2, all together 4`);
  const { groups, exhaustive } = labelTopics(P, G, count, seed);
  const own = Array.from({ length: G }, (_, k) => k);
  const [truth, ...labellings] = [own, ...groups].map((members) => prepared(members, P, covariance));
  const maxima = new Float64Array(labellings.length);
  const between = 1 / G + 1 / K;
  return {
    df: P - 2,
    labellings: labellings.length,
    exhaustive,
    smallestP: 1 / (labellings.length + (exhaustive ? 0 : 1)),
    add(effects, variance) {
      const units = variance.length;
      const sum = new Float64Array(units);
      const squares = new Float64Array(units);
      for (let k = 0, at = 0; k < P; k++)
        for (let u = 0; u < units; u++, at++) {
          sum[u] += effects[at];
          squares[u] += effects[at] * effects[at];
        }
      const part = new Float64Array(units);
      const found = { effect: 0, variance: 0, between: 0 };
      const sumGroup = (members: readonly number[]) => {
        part.fill(0);
        for (const k of members) for (let u = 0, at = k * units; u < units; u++, at++) part[u] += effects[at];
      };
      const evaluate = ({ inner, excess }: Labelling, u: number) => {
        const [one, other] = [part[u] / G, (sum[u] - part[u]) / K];
        const within = squares[u] - G * one * one - K * other * other;
        const square = within / (P - 2);
        found.between = Math.max(0, square - variance[u] * inner);
        found.variance = square * between + variance[u] * excess;
        found.effect = one - other;
      };
      for (const [i, labelling] of labellings.entries()) {
        sumGroup(labelling.members);
        for (let u = 0; u < units; u++) {
          if (!(variance[u] > 0)) continue;
          evaluate(labelling, u);
          const t = Math.abs(found.effect) / Math.sqrt(found.variance);
          if (t > maxima[i]) maxima[i] = t;
        }
      }
      const [effect, spread, t, tau] = Array.from({ length: 4 }, () => new Float64Array(units).fill(Number.NaN));
      sumGroup(truth.members);
      for (let u = 0; u < units; u++) {
        if (!(variance[u] > 0)) continue;
        evaluate(truth, u);
        effect[u] = found.effect;
        spread[u] = found.variance;
        t[u] = found.effect / Math.sqrt(found.variance);
        tau[u] = found.between;
      }
      return { effect, variance: spread, t, between: tau };
    },
    finish: () =>
      familywiseNull(
        maxima,
        maxima.map((value) => value * (1 + 1e-9)),
        'two',
        exhaustive,
      ),
  };
}

/** What a labelling makes of the variance within topics: its factors. */
interface Labelling {
  members: readonly number[];
  /** In what the mean square of topics about their group's mean is expected to be. */
  inner: number;
  /** In the variance of the effect, beyond what that mean square holds already; not below 0. */
  excess: number;
}

function prepared(members: readonly number[], P: number, covariance: Float64Array): Labelling {
  const G = members.length;
  const isOwn = new Uint8Array(P);
  for (const k of members) isOwn[k] = 1;
  let [trace, inGroup, inOthers, across] = [0, 0, 0, 0];
  for (let k = 0; k < P; k++) {
    trace += covariance[k * P + k];
    for (let l = 0; l < P; l++) {
      const value = covariance[k * P + l];
      if (isOwn[k] !== isOwn[l]) across += value;
      else if (isOwn[k]) inGroup += value;
      else inOthers += value;
    }
  }
  const K = P - G;
  const noise = inGroup / G / G + inOthers / K / K - across / G / K;
  const inner = (trace - inGroup / G - inOthers / K) / (P - 2);
  return { members, inner, excess: Math.max(0, noise - inner * (1 / G + 1 / K)) };
}

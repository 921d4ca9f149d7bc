import { invertSymmetric } from '@galvani/numerics';

/** Prompts of several topics, in runs. */
export interface TopicLayout {
  /** Topic of each prompt, [B], from 0. */
  topic: Int32Array;
  /** Run of each prompt, [B]: whole numbers. */
  runs: Int32Array;
}

/** A mean for each topic, all runs being level: least squares with an intercept for each run and an effect for each topic. */
export interface TopicEffects {
  /** Number of topics K. */
  topics: number;
  /** Covariance of the effects for a variance of prompts of 1, [K x K]. Only differences between effects mean anything: effects add up to 0. */
  covariance: Float64Array;
  /** Degrees of freedom of the variance within topics. */
  df: number;
  /**
   * @param means of prompts, [B x units]
   * @returns effects, [K x units], and the variance of prompts within topic and run, [units]
   */
  fit(means: Float64Array, units: number): { effects: Float64Array; variance: Float64Array };
}

/** @returns undefined where runs do not link all topics, so that some are not to be compared, or leave no prompts over */
export function topicEffects({ topic, runs }: TopicLayout): TopicEffects | undefined {
  const B = topic.length;
  const K = 1 + topic.reduce((most, own) => Math.max(most, own), -1);
  const runNames = [...new Set(runs)];
  const runOf = runs.map((run) => runNames.indexOf(run));
  const size = new Float64Array(runNames.length);
  const shared = new Float64Array(runNames.length * K);
  for (let b = 0; b < B; b++) {
    size[runOf[b]]++;
    shared[runOf[b] * K + topic[b]]++;
  }
  // Topics' indicators about their run's mean have these products; their rank is K - 1 where runs link all topics.
  const gram = new Float64Array(K * K);
  for (let k = 0; k < K; k++)
    for (let l = 0; l < K; l++)
      for (let r = 0; r < size.length; r++)
        gram[k * K + l] += (k === l ? shared[r * K + k] : 0) - (shared[r * K + k] * shared[r * K + l]) / size[r];
  const level = B / K;
  const inverse = invertSymmetric(
    gram.map((value) => value + level / K),
    K,
  );
  const df = B - size.length - (K - 1);
  if (!inverse || df < 1 || inverse.some((value) => !(Math.abs(value) * level < 1e6))) return undefined;
  const covariance = inverse.map((value) => value - 1 / level / K);
  return {
    topics: K,
    covariance,
    df,
    fit(means, units) {
      const mean = new Float64Array(size.length * units);
      for (let b = 0; b < B; b++)
        for (let u = 0, at = b * units, to = runOf[b] * units; u < units; u++, at++, to++) mean[to] += means[at];
      for (const [r, count] of size.entries()) for (let at = r * units; at < (r + 1) * units; at++) mean[at] /= count;
      const sums = new Float64Array(K * units);
      const variance = new Float64Array(units);
      for (let b = 0; b < B; b++)
        for (let u = 0, at = b * units, m = runOf[b] * units, to = topic[b] * units; u < units; u++, at++, m++, to++) {
          const value = means[at] - mean[m];
          sums[to] += value;
          variance[u] += value * value;
        }
      const effects = new Float64Array(K * units);
      for (let k = 0; k < K; k++)
        for (let l = 0; l < K; l += 4)
          addProducts(sums, units, l, covariance, k * K, K, effects.subarray(k * units, (k + 1) * units));
      const total = variance.slice();
      for (let k = 0, at = 0; k < K; k++) for (let u = 0; u < units; u++, at++) variance[u] -= effects[at] * sums[at];
      // Less than this is rounding of the sums.
      for (let u = 0; u < units; u++) variance[u] = variance[u] > 1e-10 * total[u] ? variance[u] / df : 0;
      return { effects, variance };
    },
  };
}

/** Adds up to four rows of sums times a row's factors from `l` on; of those that are missing at the end the last again, times 0. */
function addProducts(
  sums: Float64Array,
  units: number,
  l: number,
  factors: Float64Array,
  row: number,
  K: number,
  out: Float64Array,
): void {
  const factor = (i: number) => (l + i < K ? factors[row + l + i] : 0);
  const [f0, f1, f2, f3] = [factor(0), factor(1), factor(2), factor(3)];
  let a = l * units;
  let b = Math.min(l + 1, K - 1) * units;
  let c = Math.min(l + 2, K - 1) * units;
  let d = Math.min(l + 3, K - 1) * units;
  for (let u = 0; u < units; u++, a++, b++, c++, d++)
    out[u] += f0 * sums[a] + f1 * sums[b] + f2 * sums[c] + f3 * sums[d];
}

import { log10Share } from './familywise-null.js';
import type { MaximumNull, MaximumNullOptions } from './maximum-null.js';
import type { PermutationPlan } from './permutation-plan.js';
import { permutedStatistics } from './permuted-statistics.js';
import { smallestP } from './smallest-p.js';
import { studentizedNull } from './studentized-null.js';

/**
 * The permutation distribution of the maximum statistic over a family of units, which gives family-wise p under any
 * dependence between units. Chunks of units share the plan's permutations, so the family may be larger than memory, and
 * how it is cut into chunks changes nothing.
 * Nichols, T. & Holmes, A. (2002). Nonparametric permutation tests for functional neuroimaging. Hum. Brain Mapp. 15, 1-25.
 *
 * Shares that rounding cannot tell apart count as equal, so rounding can only raise a p (by less than 1 in 1,000 of it in
 * float32, nothing that shows in float64).
 *
 * @example
 * const gathered = maximumNull(planPermutations({ labels: [1, 1, 0, 0], runs: new Int32Array(4), count: 5000, seed: 1 }));
 * // Two layers of one unit each.
 * const { statistic } = await gathered.add(Float64Array.of(3, 5, 1, 2)); // [2.2361]
 * await gathered.add(Float64Array.of(1, 4, 2, 3));
 * gathered.finish().log10p(statistic).map((log10p) => 10 ** log10p) // [0.667]
 */
export function maximumNull(plan: PermutationPlan, options: MaximumNullOptions = {}): MaximumNull {
  if (plan.conditions) return studentizedNull(plan, options);
  const { uncorrected = false } = options;
  const test = permutedStatistics(plan, options, uncorrected ? 'exceedances' : 'extremes');
  const maxima = new Float64Array(plan.count).fill(-Infinity);
  return {
    degreesOfFreedom: test.degreesOfFreedom,
    gathered: [maxima],
    smallestP: smallestP(plan, options.tail),
    async add(means) {
      const width = test.widthOf(means);
      const statistic = new Float64Array(width);
      const log10pUncorrected = new Float64Array(uncorrected ? width : 0).fill(NaN);
      for (let from = 0; from < width; from += test.tileWidth) {
        const at = Uint32Array.from({ length: Math.min(test.tileWidth, width - from) }, (_, u) => from + u);
        const part = test.observe(means, at);
        statistic.set(part.statistic, from);
        if (part.tested.length === 0) continue;
        const shares = await test.permute(part);
        for (let i = 0; i < plan.count; i++) maxima[i] = Math.max(maxima[i], test.mostExtreme(shares, i));
        if (uncorrected)
          part.tested.forEach((u, k) => {
            log10pUncorrected[from + u] = log10Share(shares.exceedances[k], plan.count, plan.exhaustive);
          });
      }
      return uncorrected ? { statistic, log10pUncorrected } : { statistic };
    },
    finish: () => test.nullOf(maxima),
  };
}

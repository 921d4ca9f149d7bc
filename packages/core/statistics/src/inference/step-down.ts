import { log10Share } from './familywise-null.js';
import type { TestOptions } from './maximum-null.js';
import type { PermutationPlan } from './permutation-plan.js';
import { permutedStatistics } from './permuted-statistics.js';
import type { UnitMatrix } from './unit-residuals.js';

/**
 * Step-down family-wise p: each unit is compared with the maximum over the units that are no more extreme than itself, and
 * p are made to rise from the most extreme unit on. Never above the single-step p, and as valid where permutation leaves
 * the joint distribution of units without an effect as it is (subset pivotality), as it does here.
 * Westfall, P. & Young, S. (1993). Resampling-Based Multiple Testing, algorithm 4.1; Romano, J. & Wolf, M. (2005). J. Am.
 * Statist. Assoc. 100, 94-108.
 *
 * Units must be taken from the least extreme on, so all of them have to be at hand at once (a [B x V] matrix of means).
 *
 * The statistic is the pooled t or F: a plan with conditions is refused.
 *
 * @returns log10 p per unit; NaN for units that cannot be tested
 */
export async function stepDown(
  means: UnitMatrix,
  plan: PermutationPlan,
  options: TestOptions = {},
): Promise<Float64Array> {
  if (plan.conditions)
    throw new RangeError(
      'step-down p are of the pooled statistic: this plan has conditions with variances of their own',
    );
  const test = permutedStatistics(plan, options, 'all');
  const width = test.widthOf(means);
  const extreme = new Float64Array(width);
  for (let from = 0; from < width; from += test.tileWidth) {
    const at = Uint32Array.from({ length: Math.min(test.tileWidth, width - from) }, (_, u) => from + u);
    extreme.set(test.observe(means, at).share.map(test.extremeness), from);
  }
  const rising = Uint32Array.from(extreme.keys())
    .filter((u) => !Number.isNaN(extreme[u]))
    .sort((a, b) => extreme[a] - extreme[b] || a - b);
  const reached = new Float64Array(rising.length);
  const maxima = new Float64Array(plan.count).fill(-Infinity);
  for (let from = 0; from < rising.length; from += test.tileWidth) {
    const part = test.observe(means, rising.subarray(from, from + test.tileWidth));
    const tile = part.tested.length;
    const limits = Float64Array.from(part.tested, (u) => test.extremeness(part.share[u]) - test.tolerance);
    const shares = (await test.permute(part)).shares;
    for (let i = 0; i < plan.count; i++) {
      let largest = maxima[i];
      for (let u = 0; u < tile; u++) {
        const value = test.extremeness(shares[i * tile + u]);
        if (value > largest) largest = value;
        if (largest >= limits[u]) reached[from + u]++;
      }
      maxima[i] = largest;
    }
  }
  const out = new Float64Array(width).fill(NaN);
  let highest = -Infinity;
  for (let k = rising.length - 1; k >= 0; k--) {
    highest = Math.max(highest, log10Share(reached[k], plan.count, plan.exhaustive));
    out[rising[k]] = highest;
  }
  return out;
}

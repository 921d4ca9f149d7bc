import { extremenessOf, type FamilywiseNull, familywiseNull } from './familywise-null.js';
import type { TestOptions } from './maximum-null.js';
import type { PermutationPlan } from './permutation-plan.js';
import { type PermutedShares, permutedProduct } from './permuted-product.js';
import type { ProductDetail } from './product-graph.js';
import { testSpace } from './test-space.js';
import { type UnitMatrix, type UnitResiduals, unitResiduals } from './unit-residuals.js';

/** One test's statistics, observed and permuted, tile by tile. Their folding over tiles is the callers' business. */
export interface PermutedStatistics {
  readonly degreesOfFreedom: number;
  /** Units to take at a time. */
  readonly tileWidth: number;
  /** Shares (r, or R squared for F) closer than this count as equal. */
  readonly tolerance: number;
  /** Number of units V of a [B x V] matrix. */
  widthOf(means: UnitMatrix): number;
  /** Residuals and statistics under the observed labels of the units in columns `at`. */
  observe(means: UnitMatrix, at: Uint32Array): UnitResiduals;
  /** Shares under all permutations. */
  permute(part: UnitResiduals): Promise<PermutedShares>;
  /** How extreme a share is: |r|, r, -r, or R squared. */
  extremeness(share: number): number;
  /** The most extreme of a tile under permutation i. */
  mostExtreme(shares: PermutedShares, i: number): number;
  /** The null distribution that has these maxima of extremeness. */
  nullOf(maxima: Float64Array): FamilywiseNull;
}

/** @throws UserMistake when the tested regressors cannot be told apart from the nuisance regressors */
export function permutedStatistics(
  plan: PermutationPlan,
  { tail = 'two', precision = plan.exhaustive ? 'float64' : 'float32' }: TestOptions,
  detail: ProductDetail,
): PermutedStatistics {
  const space = testSpace(plan);
  const { rows, columns } = plan;
  if (columns > 1 && tail !== 'two') throw new RangeError('an F test takes no direction: leave tail out');
  const direction = columns > 1 ? 'greater' : tail;
  const product = permutedProduct(plan, space, { precision, detail, tail: direction });
  const df = space.degreesOfFreedom;
  const statisticOf = (share: number): number => {
    const r = Math.max(-1, Math.min(1, share));
    return columns === 1 ? r * Math.sqrt(df / ((1 - r) * (1 + r))) : r / columns / ((1 - r) / df);
  };
  const extremeness = extremenessOf(direction);
  return {
    degreesOfFreedom: df,
    tileWidth: product.tileWidth,
    tolerance: product.tolerance,
    extremeness,
    widthOf(means) {
      const width = means.length / rows;
      if (Number.isInteger(width)) return width;
      throw new RangeError(`a matrix of ${means.length} values does not have ${rows} rows, one per prompt of the plan`);
    },
    observe: (means, at) => unitResiduals(means, means.length / rows, at, space),
    permute(part) {
      // Every share at least this extreme counts as reaching the observed one.
      const limits = Float64Array.from(part.tested, (u) => extremeness(part.share[u]) - product.tolerance);
      return product.run(part.residuals, part.tested.length, detail === 'exceedances' ? limits : undefined);
    },
    mostExtreme(shares, i) {
      if (direction === 'greater') return shares.largest[i];
      return direction === 'less' ? -shares.smallest[i] : Math.max(shares.largest[i], -shares.smallest[i]);
    },
    nullOf: (maxima) =>
      familywiseNull(
        maxima.map(statisticOf),
        maxima.map((share) => statisticOf(share + product.tolerance)),
        direction,
        plan.exhaustive,
      ),
  };
}

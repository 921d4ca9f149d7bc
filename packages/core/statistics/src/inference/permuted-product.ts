import * as ort from '@galvani/onnx';
import type { Tail } from './familywise-null.js';
import type { PermutationPlan } from './permutation-plan.js';
import { type ProductDetail, sessionFor } from './product-graph.js';
import type { Precision } from './row-products.js';
import type { TestSpace } from './test-space.js';

/** Shares (see UnitResiduals) of a tile of units under every permutation. */
export interface PermutedShares {
  /** Largest share over the tile's units, [m]. */
  readonly largest: Float32Array | Float64Array;
  /** Smallest share over the tile's units, [m]. */
  readonly smallest: Float32Array | Float64Array;
  /** How many permutations reach each unit's limit, [tile]; empty without 'exceedances'. */
  readonly exceedances: Float64Array;
  /** Every share, [m x tile] row-major; empty without 'all'. */
  readonly shares: Float32Array | Float64Array;
}

/** Computes the statistics of all permutations for tiles of units. */
export interface PermutedProduct {
  /** How far a share may be off by rounding: shares closer than this count as equal. */
  readonly tolerance: number;
  /** Units to take at a time. */
  readonly tileWidth: number;
  /**
   * @param residuals [B x tile], each column of length 1
   * @param limits [tile], for 'exceedances': the extremeness (|share|, share or -share by tail) that counts when reached
   */
  run(residuals: Float64Array, tile: number, limits?: Float64Array): Promise<PermutedShares>;
}

/**
 * The matrix product at the heart of the test, run by onnxruntime, with its reductions in the same graph, so that a tile
 * of units gives back a number per permutation instead of one per permutation and unit.
 *
 * With u the tested regressor and P a permutation, the permuted residuals P'e have the share (u . P'e) / |M P'e|, where M
 * removes the nuisance space: a row Pu of the left matrix times each unit's residuals e. For F the squares are summed over
 * regressors. |M P'e| is 1 when the nuisance is run intercepts alone, which permutation inside runs does not disturb;
 * otherwise (Freedman and Lane) a second product gives it.
 * Freedman, D. & Lane, D. (1983). J. Bus. Econ. Statist. 1, 292-298; Winkler, A. et al. (2014). NeuroImage 92, 381-397.
 */
export function permutedProduct(
  plan: PermutationPlan,
  space: TestSpace,
  options: { precision: Precision; detail: ProductDetail; tail: Tail },
): PermutedProduct {
  const { precision, detail, tail } = options;
  const one = space.interest.length === 1;
  const freedmanLane = space.disturbed.length > 0;
  const form = { precision, detail, tail, one, freedmanLane };
  const batches = batchesOf(plan.count).map(([from, to]) => {
    const shape = [to - from, plan.rows];
    const regressors = permuted(plan, space.interest, from, to);
    const feeds: Record<string, ort.Tensor> = {
      regressors: tensor(regressors, one ? shape : [space.interest.length, ...shape], precision),
    };
    if (freedmanLane) {
      const disturbed = permuted(plan, space.disturbed, from, to);
      feeds.disturbed = tensor(disturbed, [space.disturbed.length, ...shape], precision);
      feeds.one = tensor(Float64Array.of(1), [], precision);
      feeds.least = tensor(Float64Array.of(1e-6), [], precision);
    }
    return { from, feeds };
  });
  // The inner product of two unit vectors of length B is off by at most (B + 2) roundings (Higham 2002, section 3.1), two of
  // which stand for storing the factors. The longer forms' squares and division take up to four times that, unless the nuisance
  // swallows more than three quarters of the permuted residuals. In float64 the residuals' own rounding counts for more, so
  // ties are judged at 1e-11.
  const tolerance = precision === 'float64' ? 1e-11 : (one && !freedmanLane ? 1 : 4) * (plan.rows + 4) * 2 ** -24;
  return {
    tolerance,
    tileWidth: Math.max(64, Math.min(4096, Math.floor(productSize / batchSize(plan.count) / 64) * 64)),
    async run(residuals, tile, limits) {
      const session = await sessionFor(form);
      const shared: Record<string, ort.Tensor> = { residuals: tensor(residuals, [plan.rows, tile], precision) };
      if (limits) shared.limits = tensor(limits, [tile], precision);
      const make = precision === 'float64' ? (n: number) => new Float64Array(n) : (n: number) => new Float32Array(n);
      const shares = {
        largest: make(plan.count),
        smallest: make(plan.count),
        exceedances: new Float64Array(detail === 'exceedances' ? tile : 0),
        shares: make(detail === 'all' ? plan.count * tile : 0),
      };
      for (const { from, feeds } of batches) {
        const out = await session.run({ ...shared, ...feeds });
        const data = (name: string) => out[name].data as Float32Array | Float64Array;
        shares.largest.set(data('largest'), from);
        shares.smallest.set(data('smallest'), from);
        if (detail === 'all') shares.shares.set(data('shares'), from * tile);
        if (detail === 'exceedances')
          data('exceedances').forEach((reached, u) => {
            shares.exceedances[u] += reached;
          });
      }
      return shares;
    },
  };
}

/**
 * Values that one product gives: 2 MB of float32, so that the reductions after it find them in the cache. With 20 MB the test
 * takes half as long again.
 */
const productSize = 2 ** 19;

/** Permutations in one product: at most 1,024, in batches of one size. */
function batchSize(count: number): number {
  return Math.ceil(count / Math.ceil(count / 1024));
}

function batchesOf(count: number): [from: number, to: number][] {
  const size = batchSize(count);
  return Array.from({ length: Math.ceil(count / size) }, (_, i) => [i * size, Math.min(count, (i + 1) * size)]);
}

/** The vectors with their rows permuted, for permutations from..to, [vectors x permutations x B]. */
function permuted(plan: PermutationPlan, vectors: readonly Float64Array[], from: number, to: number): Float64Array {
  const first = from * plan.rows;
  const size = to * plan.rows - first;
  const all = new Float64Array(vectors.length * size);
  vectors.forEach((vector, k) => {
    for (let i = 0; i < size; i++) all[k * size + i] = vector[plan.source[first + i]] * (plan.signs?.[first + i] ?? 1);
  });
  return all;
}

function tensor(values: Float64Array, shape: number[], precision: Precision): ort.Tensor {
  return precision === 'float64'
    ? new ort.Tensor('float64', values, shape)
    : new ort.Tensor('float32', new Float32Array(values), shape);
}

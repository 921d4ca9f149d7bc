import type { TestSpace } from './test-space.js';

/** A row per prompt or session, a column per unit. */
export type UnitMatrix = Float32Array | Float64Array;

/** Residuals of a tile of units and the observed statistic of each. */
export interface UnitResiduals {
  /** Residuals after the nuisance regressors, each unit's scaled to length 1, [B x tested] row-major. */
  readonly residuals: Float64Array;
  /** Positions (within the tile) of the units that can be tested: finite and not constant after the nuisance. */
  readonly tested: Uint32Array;
  /**
   * Share of each unit's residual length or sum of squares along the tested regressors: the correlation r for one
   * regressor, R squared for more. NaN for units that cannot be tested. [tile]
   */
  readonly share: Float64Array;
  /** The statistic, t or F; NaN for units that cannot be tested. [tile] */
  readonly statistic: Float64Array;
}

/**
 * Removes the nuisance regressors from a tile of units and scales what is left to length 1, so that every relabelled
 * statistic is a monotone function of one product: t = r sqrt(df / (1 - r^2)).
 *
 * @param at column of each unit of the tile in `values`
 * @param width number of columns of `values`
 */
export function unitResiduals(values: UnitMatrix, width: number, at: Uint32Array, space: TestSpace): UnitResiduals {
  const { rows } = space;
  const tile = at.length;
  const y = new Float64Array(rows * tile);
  const squares = new Float64Array(tile);
  for (let b = 0; b < rows; b++) {
    const factor = space.scale[b];
    for (let u = 0; u < tile; u++) {
      const value = factor * values[b * width + at[u]];
      y[b * tile + u] = value;
      squares[u] += value * value;
    }
  }
  for (const vector of space.nuisance) subtractAlong(y, vector, tile);
  const rest = sumOfSquares(y, tile);
  // 1e-24 of the sum of squares is rounding: such a unit is constant (or explained by the nuisance) and has no statistic.
  const kept: number[] = [];
  for (let u = 0; u < tile; u++) if (rest[u] > 1e-24 * squares[u] && rest[u] < Infinity) kept.push(u);
  const tested = Uint32Array.from(kept);
  const residuals = new Float64Array(rows * tested.length);
  for (let k = 0; k < tested.length; k++) {
    const scale = 1 / Math.sqrt(rest[tested[k]]);
    for (let b = 0; b < rows; b++) residuals[b * tested.length + k] = y[b * tile + tested[k]] * scale;
  }
  return { residuals, tested, ...observed(residuals, tested, tile, space) };
}

function observed(residuals: Float64Array, tested: Uint32Array, tile: number, space: TestSpace) {
  const n = tested.length;
  const error = residuals.slice();
  const explained = new Float64Array(n);
  let along = new Float64Array(n);
  for (const vector of space.interest) {
    along = subtractAlong(error, vector, n);
    for (let k = 0; k < n; k++) explained[k] += along[k] * along[k];
  }
  const unexplained = sumOfSquares(error, n);
  const share = new Float64Array(tile).fill(NaN);
  const statistic = new Float64Array(tile).fill(NaN);
  const columns = space.interest.length;
  for (let k = 0; k < n; k++) {
    const u = tested[k];
    share[u] = columns === 1 ? along[k] : explained[k];
    statistic[u] =
      columns === 1
        ? along[k] / Math.sqrt(unexplained[k] / space.degreesOfFreedom)
        : explained[k] / columns / (unexplained[k] / space.degreesOfFreedom);
  }
  return { share, statistic };
}

/** Removes each column's component along a unit vector and returns the components. */
function subtractAlong(y: Float64Array, vector: Float64Array, tile: number): Float64Array<ArrayBuffer> {
  const along = new Float64Array(tile);
  for (let b = 0; b < vector.length; b++) {
    const factor = vector[b];
    if (factor === 0) continue; // run intercepts are mostly zeros
    for (let u = 0, at = b * tile; u < tile; u++, at++) along[u] += factor * y[at];
  }
  for (let b = 0; b < vector.length; b++) {
    const factor = vector[b];
    if (factor === 0) continue;
    for (let u = 0, at = b * tile; u < tile; u++, at++) y[at] -= factor * along[u];
  }
  return along;
}

function sumOfSquares(y: Float64Array, tile: number): Float64Array {
  const sums = new Float64Array(tile);
  for (let at = 0; at < y.length; at += tile) for (let u = 0; u < tile; u++) sums[u] += y[at + u] * y[at + u];
  return sums;
}

import { componentsAlong, subtractAlong } from '../spread/orthonormal-basis.js';
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
 * Removes the nuisance regressors from a tile of units and scales what is left to length 1, so that every permuted
 * statistic is a monotone function of one product: t = r sqrt(df / (1 - r^2)).
 *
 * @param at column of each unit of the tile in `values`
 * @param width number of columns of `values`
 */
export function unitResiduals(values: UnitMatrix, width: number, at: Uint32Array, space: TestSpace): UnitResiduals {
  const { residuals, tested } = nullResiduals(values, width, at, space);
  return { residuals, tested, ...observed(residuals, tested, at.length, space) };
}

/** The residuals of unitResiduals, and the units that have any. */
export type NullResiduals = Pick<UnitResiduals, 'residuals' | 'tested'>;

/** What is left of a tile of units after the nuisance regressors. */
export function nullResiduals(values: UnitMatrix, width: number, at: Uint32Array, space: TestSpace): NullResiduals {
  const { rows } = space;
  const tile = at.length;
  const y = new Float64Array(rows * tile);
  const squares = new Float64Array(tile);
  for (let b = 0; b < rows; b++)
    for (let u = 0; u < tile; u++) {
      const value = values[b * width + at[u]];
      y[b * tile + u] = value;
      squares[u] += value * value;
    }
  for (const vector of space.nuisance) subtractAlong(y, vector, tile);
  const rest = sumOfSquares(y, tile);
  // 1e-24 of the sum of squares is rounding: such a unit is constant (or explained by the nuisance) and has no statistic.
  const kept: number[] = [];
  for (let u = 0; u < tile; u++) if (rest[u] > 1e-24 * squares[u] && rest[u] < Infinity) kept.push(u);
  const tested = Uint32Array.from(kept);
  const n = tested.length;
  // In the same memory: a kept unit never moves behind its place.
  const residuals = y.subarray(0, rows * n);
  const inverse = new Float64Array(n);
  for (let k = 0; k < n; k++) inverse[k] = 1 / Math.sqrt(rest[tested[k]]);
  for (let b = 0, to = 0; b < rows; b++)
    for (let k = 0; k < n; k++, to++) residuals[to] = y[b * tile + tested[k]] * inverse[k];
  return { residuals, tested };
}

function observed(residuals: Float64Array, tested: Uint32Array, tile: number, space: TestSpace) {
  const n = tested.length;
  const columns = space.interest.length;
  const along = space.interest.map((vector) => componentsAlong(residuals, vector, n));
  // The residual sum of squares from the residuals themselves: 1 - r^2 would cancel where the effect is large.
  const unexplained = new Float64Array(n);
  for (let b = 0; b < space.rows; b++)
    for (let k = 0; k < n; k++) {
      let error = residuals[b * n + k];
      for (let j = 0; j < columns; j++) error -= along[j][k] * space.interest[j][b];
      unexplained[k] += error * error;
    }
  const share = new Float64Array(tile).fill(NaN);
  const statistic = new Float64Array(tile).fill(NaN);
  for (let k = 0; k < n; k++) {
    const u = tested[k];
    const explained = along.reduce((sum, part) => sum + part[k] ** 2, 0);
    const variance = unexplained[k] / space.degreesOfFreedom;
    share[u] = columns === 1 ? along[0][k] : explained;
    statistic[u] = columns === 1 ? along[0][k] / Math.sqrt(variance) : explained / columns / variance;
  }
  return { share, statistic };
}

/** Sum of squares of each column. */
export function sumOfSquares(y: Float64Array, tile: number): Float64Array {
  const sums = new Float64Array(tile);
  for (let at = 0; at < y.length; at += tile) for (let u = 0; u < tile; u++) sums[u] += y[at + u] * y[at + u];
  return sums;
}

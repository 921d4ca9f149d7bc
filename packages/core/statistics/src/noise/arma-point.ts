import { cholesky, choleskyLogDeterminant } from '@galvani/numerics';
import type { ArmaForms, ArmaSeries } from './arma-forms.js';

/** What every unit needs at one (ar, ma): a form is the inner product of `weights` with its kept numbers. */
export interface ArmaPoint {
  weights: Float64Array;
  /** Cholesky factor of X' V^-1 X; its one number where that is a multiple of the identity. */
  factor: Float64Array;
  /** log determinants of V and of X' V^-1 X; NaN where the latter is not positive definite to rounding. */
  logs: number;
}

export function armaPoint(series: ArmaSeries, forms: ArmaForms, ar: number, into?: ArmaPoint): ArmaPoint {
  const { columns, prompts, cells } = series;
  const { design, powers, ma } = forms;
  const size = 3 + 3 * powers.length;
  const point = into ?? { weights: new Float64Array(size), factor: new Float64Array(columns * columns), logs: 0 };
  const { weights, factor } = point;
  const [p, q] = [(1 + ar) / 2, (1 - ar) / 2];
  weights[0] = p * p;
  weights[1] = q * q;
  weights[2] = p * q;
  // Variance of the first row beyond the one that B^-1 A would make white.
  const excess = ((ar + ma) * (ar + ma)) / (1 - ar * ar);
  point.logs = 0;
  for (let g = 0; g < powers.length; g++) {
    const determinant = 1 + excess * powers[g];
    const w = excess / determinant;
    weights[3 + 3 * g] = -w * p * p;
    weights[4 + 3 * g] = -w * p * q;
    weights[5 + 3 * g] = -w * q * q;
    point.logs += prompts[g] * Math.log(determinant);
  }
  if (columns === 0) return point;
  factor.fill(0);
  for (let pair = 0; pair < cells.length; pair++) factor[cells[pair]] = form(weights, design, pair * size);
  point.logs = cholesky(factor, columns) ? point.logs + choleskyLogDeterminant(factor, columns) : Number.NaN;
  return point;
}

/** Residual sum of squares of a unit at a point, from its forms; `scratch` has room for the columns. */
export function armaSquares(columns: number, point: ArmaPoint, unit: Float64Array, scratch: Float64Array): number {
  const { weights, factor } = point;
  const size = weights.length;
  let sum = form(weights, unit, 0);
  for (let k = 0, at = size; k < columns; k++, at += size) {
    let own = form(weights, unit, at);
    const row = k * columns;
    for (let m = 0; m < k; m++) own -= factor[row + m] * scratch[m];
    own /= factor[row + k];
    scratch[k] = own;
    sum -= own * own;
  }
  return sum;
}

/** A form at a point, from the numbers kept of its pair. */
function form(weights: Float64Array, kept: Float64Array, at: number): number {
  let sum =
    weights[0] * kept[at] +
    weights[1] * kept[at + 1] +
    weights[2] * kept[at + 2] +
    (weights[3] * kept[at + 3] + weights[4] * kept[at + 4] + weights[5] * kept[at + 5]);
  for (let i = 6; i < weights.length; i++) sum += weights[i] * kept[at + i];
  return sum;
}

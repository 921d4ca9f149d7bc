import { extendBasis, norm } from '../spread/orthonormal-basis.js';
import type { StudentizedForm } from './studentized-form.js';

/**
 * A statistic of two conditions that two sums of rows and a sum of squares tell: m0 over the rows with the first condition's label, m1
 * over those with the second's. Effect and lost squares are then
 *
 *   effect = along0 m0 + along1 m1, variance = weight0 q0 + weight1 (total - q0) - lost0 m0^2 - lost1 m1^2.
 */
export interface TwoSums {
  along: readonly [number, number];
  weight: readonly [number, number];
  lost: readonly [number, number];
  /** Values of the forms from the sums, [J x 2]. */
  forms: Float64Array;
  /** Rows of each condition. */
  rows: readonly [number, number];
}

/** Sums of a unit's rows under one arrangement: those with the first condition's label, the others, and the first's squares. */
export interface SumsOfRows {
  first: number;
  other: number;
  squares: number;
}

/** Whether the squared statistic of a unit of length 1 may exceed a cut: false only where it does not. */
export function mayExceed(
  { along, weight, lost }: TwoSums,
  { first, other, squares }: SumsOfRows,
  cut: number,
): boolean {
  const effect = along[0] * first + along[1] * other;
  const variance = weight[0] * squares + weight[1] * (1 - squares) - lost[0] * first * first - lost[1] * other * other;
  return effect * effect >= cut * (variance - 1e-9 * (weight[0] + weight[1]));
}

/** Values of a form of one unit, and the first condition's squares, from the sums of its rows. */
export function formsOf(
  { first, other, squares }: SumsOfRows,
  { forms }: TwoSums,
  out: { forms: Float64Array; squares: Float64Array },
): void {
  for (let j = 0; j < out.forms.length; j++) out.forms[j] = forms[2 * j] * first + forms[2 * j + 1] * other;
  out.squares[0] = squares;
}

/**
 * The two sums of a form; undefined where it takes more than them.
 *
 * @param fixed orthonormal vectors to which all rows are orthogonal however they are arranged: run intercepts. With them the second sum
 *   is the first one's negative, and is left out
 */
export function twoSums(form: StudentizedForm, fixed: readonly Float64Array[]): TwoSums | undefined {
  const { model, forms, effects, lost } = form;
  if (model.count !== 2 || model.effects !== 1) return undefined;
  const indicators = [0, 1].map((g) => Float64Array.from(model.conditionOf, (own) => (own === g ? 1 : 0)));
  const centred = fixed.length > 0 ? [indicators[0]] : indicators;
  const coordinates = forms.map((vector) => combination(vector, centred, fixed));
  if (coordinates.some((own) => own === undefined)) return undefined;
  const J = forms.length;
  const matrix = new Float64Array(2 * J);
  for (const [j, own] of coordinates.entries()) matrix.set(own!, 2 * j);
  const along = [0, 1].map((m) => effects.reduce((sum, effect, j) => sum + effect * matrix[2 * j + m], 0));
  const weight = [0, 1].map((h) => [0, 1].reduce((sum, g) => sum + model.unbiased[2 * g + h] * model.shares[g][0], 0));
  const between = (a: number, b: number) => {
    let sum = 0;
    for (const g of [0, 1])
      for (let i = 0; i < J; i++)
        for (let j = 0; j < J; j++) sum += weight[g] * lost[g][i * J + j] * matrix[2 * i + a] * matrix[2 * j + b];
    return sum;
  };
  const most = Math.max(Math.abs(between(0, 0)), Math.abs(between(1, 1)));
  if (Math.abs(between(0, 1)) > 1e-9 * most || Math.min(between(0, 0), between(1, 1), ...weight) < 0) return undefined;
  // Without fixed vectors the sum of all rows is searched beside the effect, which is not in proportion to it.
  if (fixed.length === 0 && !(along[0] * along[1] < 0)) return undefined;
  const pair = (values: readonly number[]) => [values[0], values[1]] as const;
  return {
    ...{ along: pair(along), weight: pair(weight), lost: [between(0, 0), between(1, 1)] },
    ...{ forms: matrix, rows: pair([...model.rows]) },
  };
}

/** Coefficients with which vectors make another, up to vectors that do not count; undefined where they do not. */
function combination(
  vector: Float64Array,
  parts: readonly Float64Array[],
  fixed: readonly Float64Array[],
): Float64Array | undefined {
  const cleared = parts.map((part) => without(part, fixed));
  const wanted = without(vector, fixed);
  const found = new Float64Array(2);
  // Indicators share no rows, so that each coefficient can be read alone; with fixed vectors there is one part.
  for (const [m, part] of cleared.entries()) {
    let [product, square] = [0, 0];
    for (let b = 0; b < part.length; b++) {
      product += part[b] * wanted[b];
      square += part[b] * part[b];
    }
    found[m] = product / square;
    for (let b = 0; b < part.length; b++) wanted[b] -= found[m] * part[b];
  }
  return norm(wanted) <= 1e-9 * norm(vector) ? found : undefined;
}

function without(vector: Float64Array, fixed: readonly Float64Array[]): Float64Array {
  const [left] = extendBasis(fixed, [vector]);
  if (left === undefined) return new Float64Array(vector.length);
  const length = vector.reduce((sum, value, b) => sum + value * left[b], 0);
  return left.map((value) => value * length);
}

import { cholesky, forwardSolve } from '@galvani/numerics';
import { type ConditionVariances, effectCovariance } from '../spread/condition-variances.js';
import { dot } from '../spread/orthonormal-basis.js';
import { extremenessOf, type Tail } from './familywise-null.js';

/**
 * A studentized statistic of rows y as few numbers: linear forms f_j = form_j . y, and sums of squares q_g of each condition's rows.
 *
 * Effects are combinations of the forms; what the fit takes off a condition's sum of squares is a quadratic form in them.
 */
export interface StudentizedForm {
  /** Vectors, [J] of [B]. */
  forms: readonly Float64Array[];
  /** Effects from forms, [k x J]. */
  effects: Float64Array;
  /** For each condition the quadratic form to subtract, [J x J] symmetric. */
  lost: readonly Float64Array[];
  model: ConditionVariances;
}

/**
 * @param forms orthonormal, spanning all that `tested` and `fitted` are
 * @param tested vectors of the effects
 * @param fitted for each condition what its residuals lose: vectors a and b with sums of squares less f_a f_b
 */
export function studentizedForm(
  model: ConditionVariances,
  forms: readonly Float64Array[],
  tested: readonly Float64Array[],
  fitted: (g: number) => readonly { a: Float64Array; b: Float64Array; factor: number }[],
): StudentizedForm {
  const J = forms.length;
  const coordinates = (vector: Float64Array) => Float64Array.from(forms, (form) => dot(form, vector));
  const effects = Float64Array.from(tested.flatMap((vector) => [...coordinates(vector)]));
  const lost = Array.from({ length: model.count }, (_, g) => {
    const own = new Float64Array(J * J);
    for (const { a, b, factor } of fitted(g)) {
      const [left, right] = [coordinates(a), coordinates(b)];
      for (let i = 0; i < J; i++)
        for (let j = 0; j < J; j++) own[i * J + j] += (factor * (left[i] * right[j] + left[j] * right[i])) / 2;
    }
    return own;
  });
  return { forms, effects, lost, model };
}

/** Values of forms and squares for many arrangements (rows) of many units (columns). */
export interface FormValues {
  /** [J x rows x width] */
  forms: Float32Array | Float64Array;
  /** [(G - 1) x rows x width], or [(G - 1) x width] the same for all rows: sums of squares of all conditions but the last. */
  squares: Float32Array | Float64Array;
  /** Sum of squares over all conditions, the same for all units. */
  total: number;
  rows: number;
  width: number;
}

/** The statistic of one arrangement of one unit. */
export interface StudentizedStatistic {
  /** Welch's t, or F of several effects; NaN where residuals are rounding. */
  of(values: FormValues, row: number, unit: number): number;
  /** Its degrees of freedom. */
  df(values: FormValues, row: number, unit: number): number;
  /**
   * The larger of `best` and the units' extremeness.
   *
   * @param next the first unit from one on whose square may exceed `cut` (0 for any), `width` where there is none
   * @param values fills in a unit's forms and squares
   * @param from first unit, default 0
   */
  raiseMaximum(
    best: number,
    next: (unit: number, cut: number) => number,
    values: (unit: number, into: { forms: Float64Array; squares: Float64Array }) => void,
    width: number,
    from?: number,
  ): number;
  /** Raises `maxima[from + row]` to the largest extremeness over the units. */
  foldMaxima(values: FormValues, maxima: Float64Array, from: number): void;
}

/** @param direction which t is extreme: |t|, t or -t; F has 'greater' */
export function studentizedStatistic(
  { forms, effects, lost, model }: StudentizedForm,
  direction: Tail,
): StudentizedStatistic {
  const [J, G, k] = [forms.length, model.count, model.effects];
  const estimate = effectCovariance(model);
  const squares = new Float64Array(G);
  const effect = new Float64Array(k);
  const inverse = new Float64Array(k * k);
  /** What t squared (or F) has to exceed to reach further. */
  const bound = (best: number) => (k === 1 ? best * best : best);
  // The variance without floors is linear in squares and quadratic in forms, and never above the variance.
  const weights = Array.from({ length: G }, (_, h) =>
    Array.from({ length: G }, (_, g) => model.unbiased[g * G + h] * model.shares[g][0]).reduce((a, b) => a + b, 0),
  );
  /** What forms take off that variance, [J x J]. */
  const lostVariance = Float64Array.from({ length: J * J }, (_, at) =>
    lost.reduce((sum, own, g) => sum + weights[g] * own[at], 0),
  );

  /** Squared statistic (t squared, or F); or no less than it, at less cost. */
  function squared(values: FormValues, row: number, unit: number, boundAlone = false): number {
    const plane = values.rows * values.width;
    const at = row * values.width + unit;
    const shared = values.squares.length === (G - 1) * values.width;
    let last = values.total;
    for (let g = 0; g < G - 1; g++) {
      squares[g] = shared ? values.squares[g * values.width + unit] : values.squares[g * plane + at];
      last -= squares[g];
    }
    squares[G - 1] = last;
    for (let i = 0; i < J; i++) {
      const fi = values.forms[i * plane + at];
      for (let j = 0; j < J; j++) {
        const product = fi * values.forms[j * plane + at];
        for (let g = 0; g < G; g++) squares[g] -= lost[g][i * J + j] * product;
      }
    }
    for (let g = 0; g < G; g++) squares[g] = Math.max(squares[g], 0);
    for (let m = 0; m < k; m++) {
      effect[m] = 0;
      for (let j = 0; j < J; j++) effect[m] += effects[m * J + j] * values.forms[j * plane + at];
    }
    const found = estimate(squares, boundAlone);
    if (boundAlone) {
      // The divisor is never below k, and takes longer than the covariance.
      inverse.set(found.covariance);
      return quadraticOfInverse(inverse, effect, k) / k;
    }
    if (k === 1) return (effect[0] * effect[0]) / found.covariance[0];
    inverse.set(found.covariance);
    return quadraticOfInverse(inverse, effect, k) / found.divisor;
  }

  function of(values: FormValues, row: number, unit: number): number {
    const square = squared(values, row, unit);
    return k > 1 ? square : Math.sign(effect[0]) * Math.sqrt(square);
  }

  function df(values: FormValues, row: number, unit: number): number {
    squared(values, row, unit);
    return estimate(squares).df;
  }

  const extremeness = extremenessOf(direction);

  const single = { forms: new Float64Array(J), squares: new Float64Array(G - 1), total: 1, rows: 1, width: 1 };

  function raiseMaximum(
    given: number,
    next: (unit: number, cut: number) => number,
    fill: (unit: number, into: { forms: Float64Array; squares: Float64Array }) => void,
    width: number,
    from = 0,
  ): number {
    let best = given;
    let cut = best > 0 ? bound(best) : 0;
    for (let unit = next(from, cut); unit < width; unit = next(unit + 1, cut)) {
      fill(unit, single);
      const own = extremeness(of(single, 0, 0));
      if (own > best) {
        best = own;
        cut = best > 0 ? bound(best) : 0;
      }
    }
    return best;
  }

  const curve = new Float64Array(J * J);
  const slopes = new Float64Array(G - 1);

  function foldMaxima(values: FormValues, maxima: Float64Array, from: number): void {
    const { rows, width, total } = values;
    const shared = values.squares.length === (G - 1) * width;
    for (let row = 0; row < rows; row++) {
      let best = maxima[from + row];
      let cut = best > 0 ? bound(best) : 0;
      const next = (unit: number): number => {
        if (k > 1) {
          for (let at = unit; at < width; at++) if (!(cut > 0) || squared(values, row, at, true) > cut) return at;
          return width;
        }
        if (!(cut > 0)) return unit;
        // effect^2 > cut variance, with all that is quadratic in the forms on the left
        for (let i = 0; i < J; i++)
          for (let j = 0; j < J; j++) curve[i * J + j] = effects[i] * effects[j] + cut * lostVariance[i * J + j];
        for (let g = 0; g < G - 1; g++) slopes[g] = cut * (weights[g] - weights[G - 1]);
        return nextAbove(values, curve, slopes, cut * weights[G - 1] * total, row, shared ? 0 : row, unit);
      };
      for (let unit = next(0); unit < width; unit = next(unit + 1)) {
        const own = extremeness(of(values, row, unit));
        if (own > best) {
          best = own;
          cut = best > 0 ? bound(best) : 0;
        }
      }
      maxima[from + row] = best;
    }
  }
  return { of, df, raiseMaximum, foldMaxima };
}

/** The first unit from `unit` on with f' curve f > constant + slopes . q; `width` where there is none. */
function nextAbove(
  { forms, squares, rows, width }: FormValues,
  curve: Float64Array,
  slopes: Float64Array,
  constant: number,
  row: number,
  squareRow: number,
  unit: number,
): number {
  const [J, G] = [Math.sqrt(curve.length), slopes.length];
  const plane = rows * width;
  const squarePlane = squares.length / Math.max(1, G);
  for (let u = unit; u < width; u++) {
    let left = 0;
    for (let i = 0; i < J; i++) {
      const f = forms[i * plane + row * width + u];
      let along = curve[i * J + i] * f;
      for (let j = 0; j < i; j++) along += 2 * curve[i * J + j] * forms[j * plane + row * width + u];
      left += along * f;
    }
    let right = constant;
    for (let g = 0; g < G; g++) right += slopes[g] * squares[g * squarePlane + squareRow * width + u];
    if (left > right) return u;
  }
  return width;
}

/** x' A^-1 x; both are overwritten. NaN where A is not positive definite. */
function quadraticOfInverse(A: Float64Array, x: Float64Array, k: number): number {
  if (!cholesky(A, k)) return Number.NaN;
  forwardSolve(A, k, x);
  let sum = 0;
  for (let i = 0; i < k; i++) sum += x[i] * x[i];
  return sum;
}

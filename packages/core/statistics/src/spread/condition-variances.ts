import { cholesky, forwardSolve, invertSymmetric } from '@galvani/numerics';
import { dot } from './orthonormal-basis.js';

/** A linear model's effects, and which rows share a variance. */
export interface SpreadOptions {
  /** Each effect is the inner product of its vector with the rows, [k] of [B]. */
  vectors: readonly Float64Array[];
  /** Orthonormal basis of all that is fitted, the vectors' own part among it, each [B]. */
  basis: readonly Float64Array[];
  /** Condition of each row, [B]: whole numbers. */
  conditions: Int32Array;
}

/** Sampling variances of effects where rows of each condition have a variance of their own. */
export interface ConditionVariances {
  /** Number of effects tested together, k. */
  effects: number;
  /** Number of conditions, G; they are numbered in order of appearance. */
  count: number;
  /** Number of each row's condition, [B]. */
  conditionOf: Int32Array;
  /** Number of rows of each condition. */
  rows: Int32Array;
  /** Residual degrees of freedom of each condition: what residuals keep of its rows. They add up to B less the rank. */
  freedom: Float64Array;
  /** For each condition what its variance is multiplied with in the effects' covariance, [k x k]. */
  shares: Float64Array[];
  /** [G x G]: variances from sums of squares of residuals by condition, without bias. */
  unbiased: Float64Array;
}

/**
 * What the covariance of effects is made of where each condition (task, rest) has its own variance and least squares gives the
 * effects. Residuals of one condition hold a little of the others' variance, through the means that are fitted, which
 * `unbiased` undoes: E r_i^2 = sum_j M_ij^2 variance_j, M the residual maker.
 *
 * With two conditions in one run this is Welch's test.
 *
 * A condition that has too few rows for a variance of its own, or whose residuals only mirror those of others (runs of one row of each
 * of two conditions: the paired t), shares the variance of the most numerous other one.
 *
 * Sources: Welch, Biometrika 34 (1947); Rao, JASA 65 (1970), MINQUE; Winkler et al., NeuroImage 92 (2014), variance groups.
 */
export function conditionVariances(options: SpreadOptions): ConditionVariances {
  const found = variancesOf(options);
  if (found.count === 1) return found;
  const few = found.freedom.findIndex((nu, g) => nu < 0.5 || found.rows[g] < 2);
  const told = found.unbiased.every((value) => Math.abs(value) < mostAmplified);
  if (few < 0 && told) return found;
  const poor = few >= 0 ? few : found.rows.indexOf(Math.min(...found.rows));
  const sizes = found.rows.map((n, g) => (g === poor ? 0 : n));
  const most = sizes.indexOf(Math.max(...sizes));
  return conditionVariances({ ...options, conditions: found.conditionOf.map((g) => (g === poor ? most : g)) });
}

/** Entries of `unbiased` above this would make variances of rounding: they are about 1 / rows where conditions can be told apart. */
const mostAmplified = 1e6;

function variancesOf({ vectors, basis, conditions }: SpreadOptions): ConditionVariances {
  const numbers = [...new Set(conditions)];
  const count = numbers.length;
  const conditionOf = conditions.map((condition) => numbers.indexOf(condition));
  const rows = new Int32Array(count);
  for (const g of conditionOf) rows[g]++;
  // Inner products of basis vectors over one condition's rows: they hold all that sums over M need.
  const rank = basis.length;
  const inner = numbers.map((_, g) => {
    const own = new Float64Array(rank * rank);
    for (let a = 0; a < rank; a++)
      for (let b = 0; b <= a; b++) {
        let sum = 0;
        for (let i = 0; i < conditionOf.length; i++) if (conditionOf[i] === g) sum += basis[a][i] * basis[b][i];
        own[a * rank + b] = sum;
        own[b * rank + a] = sum;
      }
    return own;
  });
  const trace = inner.map((own) => {
    let sum = 0;
    for (let a = 0; a < rank; a++) sum += own[a * rank + a];
    return sum;
  });
  const freedom = Float64Array.from(rows, (n, g) => n - trace[g]);
  const expected = new Float64Array(count * count);
  for (let g = 0; g < count; g++)
    for (let h = 0; h < count; h++)
      expected[g * count + h] = dot(inner[g], inner[h]) + (g === h ? rows[g] - 2 * trace[g] : 0);
  const unbiased = invertSymmetric(expected, count) ?? new Float64Array(count * count).fill(Number.NaN);
  const shares = numbers.map((_, g) =>
    Float64Array.from(
      vectors.flatMap((a) =>
        vectors.map((b) => a.reduce((sum, value, i) => (conditionOf[i] === g ? sum + value * b[i] : sum), 0)),
      ),
    ),
  );
  const largest = Math.max(...shares.map((share) => Math.max(...share.map(Math.abs))));
  for (const share of shares) if (share.every((value) => Math.abs(value) <= 1e-12 * largest)) share.fill(0);
  return { effects: vectors.length, count, conditionOf, rows, freedom, shares, unbiased };
}

/**
 * A condition's variance is never taken for less than this part of what its own residuals say: where it hardly varies beside the other,
 * what is taken off for that one may be more than there is.
 */
export const leastPart = 0.1;

/** The covariance of effects and its degrees of freedom; memory of one is used again by the next. */
export interface EffectCovariance {
  /** [k x k] */
  covariance: Float64Array;
  /** Satterthwaite's; of several effects as Johansen's. */
  df: number;
  /** What e' covariance^-1 e is divided by to be F with k and df degrees of freedom: 1 for one effect, near k for more. */
  divisor: number;
}

/**
 * @returns a function of residuals' squares, summed by condition, [G]. It gives the same object again, overwritten; asked for the
 *   covariance alone, it leaves the rest as it was.
 *
 * Of several effects degrees of freedom and divisor match the first two moments of e' covariance^-1 e with those of F to first order in
 * 1 / freedom: exact for one condition, Welch's test for one effect, Johansen's for conditions that bear on one effect each.
 *
 * Sources: Satterthwaite, Biometrics Bulletin 2 (1946); Johansen, Biometrika 67 (1980).
 */
export function effectCovariance(
  model: ConditionVariances,
): (squares: ArrayLike<number>, covarianceAlone?: boolean) => EffectCovariance {
  const { effects: k, count, freedom, shares, unbiased } = model;
  const variance = new Float64Array(count);
  const found: EffectCovariance = { covariance: new Float64Array(k * k), df: 0, divisor: 1 };
  const factor = new Float64Array(k * k);
  const half = new Float64Array(k);
  return (squares, covarianceAlone = false) => {
    const { covariance } = found;
    covariance.fill(0);
    for (let g = 0; g < count; g++) {
      let sum = 0;
      for (let h = 0; h < count; h++) sum += unbiased[g * count + h] * squares[h];
      variance[g] = Math.max(sum, (leastPart * squares[g]) / freedom[g]);
      for (let at = 0; at < k * k; at++) covariance[at] += variance[g] * shares[g][at];
    }
    if (covarianceAlone) return found;
    if (k === 1) {
      let spread = 0;
      for (let g = 0; g < count; g++) spread += (variance[g] * shares[g][0]) ** 2 / freedom[g];
      found.df = covariance[0] ** 2 / spread;
      return found;
    }
    factor.set(covariance);
    if (!cholesky(factor, k)) {
      found.df = Number.NaN;
      return found;
    }
    // P, each condition's share of the covariance once that is the identity. Its variance is one number, not a matrix as Johansen's, so
    // that the square of P's trace and the trace of its square count apart: they are the same for P of rank one.
    const rows = inverseFactor(factor, k, half);
    let [ofSquares, ofTraces] = [0, 0];
    for (let g = 0; g < count; g++) {
      let [trace, square] = [0, 0];
      for (let m = 0; m < k; m++)
        for (let n = 0; n < k; n++) {
          let sum = 0;
          for (let a = 0; a <= m; a++)
            for (let b = 0; b <= n; b++) sum += rows[m * k + a] * shares[g][a * k + b] * rows[n * k + b];
          square += (variance[g] * sum) ** 2;
          if (m === n) trace += variance[g] * sum;
        }
      ofSquares += square / freedom[g];
      ofTraces += (trace * trace) / freedom[g];
    }
    found.df = (k * (k + 2)) / (2 * ofSquares + ofTraces);
    found.divisor = k + 2 * ofSquares - (2 * k) / found.df;
    return found;
  };
}

/** The inverse of a lower triangular factor, [k x k]. */
function inverseFactor(factor: Float64Array, k: number, column: Float64Array): Float64Array {
  const rows = new Float64Array(k * k);
  for (let j = 0; j < k; j++) {
    column.fill(0);
    column[j] = 1;
    forwardSolve(factor, k, column);
    for (let i = 0; i < k; i++) rows[i * k + j] = column[i];
  }
  return rows;
}

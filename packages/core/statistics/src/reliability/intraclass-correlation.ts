import { fQuantile, type Interval } from '@galvani/numerics';

/** What a table of ratings, a row for each of n targets and a column for each of k judges, holds for an analysis of variance. */
export interface RatingMoments {
  targets: number;
  judges: number;
  /** Mean rating of each judge, [judges]. */
  means: Float64Array;
  /** Sums over targets of products of judges' ratings about their means, [judges x judges]. */
  products: Float64Array;
}

/** Reliability of one judge's ratings. */
export interface IntraclassCoefficients {
  /** ICC(2,1): judges are a sample, and differences between their levels count as error (absolute agreement). */
  agreement: number;
  /** ICC(3,1): these judges alone, whatever their levels (consistency). */
  consistency: number;
}

/** With 95% intervals that take targets and residuals for independent and normal. */
export interface IntraclassCorrelation extends IntraclassCoefficients {
  agreementInterval: Interval;
  consistencyInterval: Interval;
}

/** Moments of no ratings, to be overwritten. */
export function emptyMoments(judges: number): RatingMoments {
  return { targets: 0, judges, means: new Float64Array(judges), products: new Float64Array(judges * judges) };
}

/**
 * @param ratings [targets x judges], row-major, all finite
 * @param into what is overwritten and returned; where there are many tables its memory is used again
 */
export function ratingMoments(
  ratings: ArrayLike<number>,
  judges: number,
  into: RatingMoments = emptyMoments(judges),
): RatingMoments {
  const { means, products } = into;
  const targets = ratings.length / judges;
  means.fill(0);
  products.fill(0);
  for (let first = 0; first < ratings.length; first += judges)
    for (let a = 0; a < judges; a++) means[a] += ratings[first + a] / targets;
  for (let first = 0; first < ratings.length; first += judges)
    for (let a = 0; a < judges; a++)
      for (let b = 0; b < judges; b++)
        products[a * judges + b] += (ratings[first + a] - means[a]) * (ratings[first + b] - means[b]);
  into.targets = targets;
  return into;
}

/** The coefficients alone, of intraclassCorrelation, which takes a hundred times as long. */
export function intraclassCoefficients(moments: RatingMoments): IntraclassCoefficients {
  const { targets: n, judges: k } = moments;
  const [row, column, error] = meanSquares(moments);
  if (n < 2 || k < 2 || !(row + error > 0)) return { agreement: Number.NaN, consistency: Number.NaN };
  return {
    agreement: (row - error) / (row + (k - 1) * error + (k * (column - error)) / n),
    consistency: (row - error) / (row + (k - 1) * error),
  };
}

/**
 * Two-way analysis of variance without repetition. NaN for fewer than two targets or judges, or ratings that are all alike.
 *
 * Shrout and Fleiss, Psychological Bulletin 86 (1979), 420-428; McGraw and Wong, Psychological Methods 1 (1996), 30-46 (cases 2A and 3A).
 *
 * @example intraclassCorrelation(ratingMoments([1, 2, 2, 3, 3, 5], 2)) // { agreement: 0.6, consistency: 0.9 }
 */
export function intraclassCorrelation(moments: RatingMoments): IntraclassCorrelation {
  const { targets: n, judges: k } = moments;
  const { agreement, consistency } = intraclassCoefficients(moments);
  const [row, column, error] = meanSquares(moments);
  const [df1, df2] = [n - 1, (n - 1) * (k - 1)];
  if (Number.isNaN(consistency)) {
    const nothing = { lower: Number.NaN, upper: Number.NaN };
    return { agreement, agreementInterval: nothing, consistency, consistencyInterval: nothing };
  }
  const ratio = row / error;
  const consistencyOf = (f: number) => (f === Number.POSITIVE_INFINITY ? 1 : (f - 1) / (f + k - 1));
  const consistencyInterval = {
    lower: consistencyOf(ratio / fQuantile(0.975, df1, df2)),
    upper: consistencyOf(ratio * fQuantile(0.975, df2, df1)),
  };
  // The degrees of freedom of the levels' and residuals' joint variance, by Satterthwaite.
  const a = (k * agreement) / (n * (1 - agreement));
  const b = 1 + a * (n - 1);
  const df = (a * column + b * error) ** 2 / ((a * column) ** 2 / (k - 1) + (b * error) ** 2 / df2);
  const rest = k * column + (k * n - k - n) * error;
  const low = fQuantile(0.975, df1, df);
  const high = fQuantile(0.975, df, df1);
  const agreementInterval =
    agreement < 1
      ? {
          lower: (n * (row - low * error)) / (low * rest + n * row),
          upper: (n * (high * row - error)) / (rest + n * high * row),
        }
      : { lower: 1, upper: 1 };
  return { agreement, agreementInterval, consistency, consistencyInterval };
}

/** Of targets, judges and residuals. */
function meanSquares({ targets: n, judges: k, means, products }: RatingMoments): [number, number, number] {
  // Loops, since there is a table for each unit.
  let [all, own, level, levels] = [0, 0, 0, 0];
  for (let i = 0; i < products.length; i++) all += products[i];
  for (let j = 0; j < k; j++) {
    own += products[j * k + j];
    level += means[j];
  }
  for (let j = 0; j < k; j++) levels += (means[j] - level / k) ** 2;
  const residual = Math.max(0, own - all / k);
  return [
    all / k / (n - 1),
    (n * levels) / (k - 1),
    // Less is rounding of the sums.
    residual > 1e-12 * own ? residual / ((n - 1) * (k - 1)) : 0,
  ];
}

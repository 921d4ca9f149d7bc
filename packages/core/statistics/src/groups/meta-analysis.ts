import { chi2LogSf, tLogTwoSided, tQuantile } from '@galvani/numerics';

/** A mean over subjects whose effects differ and are each known with an error of its own. */
export interface MetaAnalysis {
  mean: number;
  /** Its standard error. */
  error: number;
  /** Bounds of its 95% interval, with quantiles of t. */
  lower: number;
  upper: number;
  /** Two-sided p of a mean of 0. */
  p: number;
  /** Variance of true effects over subjects. */
  tau2: number;
  /** Share of the variance of effects that is not error (Higgins' I²). */
  i2: number;
  /** p of Cochran's Q: that subjects differ by their errors alone. */
  heterogeneityP: number;
  /** Bounds of the 95% interval of a further subject's true effect; NaN for two. */
  predictionLower: number;
  predictionUpper: number;
}

/**
 * Random effects: effect_i ~ N(mean, variance_i + tau2). tau2 is Paule and Mandel's, at which the weighted squares about the mean are what their
 * degrees of freedom say; with few subjects it is less biased than DerSimonian and Laird's and needs no normal likelihood. The interval is Knapp and
 * Hartung's, with t of k - 1 degrees of freedom; at Paule and Mandel's tau2 their factor is 1, and where tau2 is 0 it is not let fall below 1, which
 * would make an interval narrower than if no subject differed.
 *
 * Paule and Mandel, J. Res. Natl. Bur. Stand. 87 (1982); Knapp and Hartung, Stat. Med. 22 (2003); Veroniki et al., Res. Synth. Methods 7 (2016);
 * the interval of a further effect: Higgins, Thompson and Spiegelhalter, JRSS A 172 (2009).
 *
 * @param effects of k subjects, 2 or more
 * @param variances squares of their standard errors, above 0
 * @example metaAnalysis([0.2, 0.5, 0.9], [0.01, 0.04, 0.02]).mean // 0.5253
 */
export function metaAnalysis(effects: readonly number[], variances: readonly number[]): MetaAnalysis {
  const k = effects.length;
  if (k < 2 || variances.length !== k || variances.some((variance) => !(variance > 0)))
    throw new RangeError('a meta-analysis takes two effects or more, each with a variance above 0');
  const fixed = weighted(effects, variances, 0);
  const tau2 = pauleMandel(effects, variances);
  const { mean, squares, weight } = weighted(effects, variances, tau2);
  const error = Math.sqrt(Math.max(1, squares / (k - 1)) / weight);
  const half = tQuantile(0.975, k - 1) * error;
  const further = k > 2 ? tQuantile(0.975, k - 2) * Math.sqrt(tau2 + error ** 2) : Number.NaN;
  return {
    ...{ mean, error, tau2, lower: mean - half, upper: mean + half },
    p: Math.exp(tLogTwoSided(mean / error, k - 1)),
    i2: Math.max(0, 1 - (k - 1) / fixed.squares),
    heterogeneityP: Math.exp(chi2LogSf(fixed.squares, k - 1)),
    predictionLower: mean - further,
    predictionUpper: mean + further,
  };
}

/** The mean, the weighted squares about it, and the sum of the weights 1 / (variance + tau2). */
function weighted(effects: readonly number[], variances: readonly number[], tau2: number) {
  const weights = variances.map((variance) => 1 / (variance + tau2));
  const weight = weights.reduce((sum, own) => sum + own, 0);
  const mean = effects.reduce((sum, effect, i) => sum + weights[i] * effect, 0) / weight;
  const squares = effects.reduce((sum, effect, i) => sum + weights[i] * (effect - mean) ** 2, 0);
  return { mean, squares, weight };
}

/** The root of a falling function, by halving an interval that holds it. */
function pauleMandel(effects: readonly number[], variances: readonly number[]): number {
  const excess = (tau2: number) => weighted(effects, variances, tau2).squares - (effects.length - 1);
  if (excess(0) <= 0) return 0;
  let high = Math.max(...variances);
  while (excess(high) > 0) high *= 2;
  let low = 0;
  for (let step = 0; step < 200 && high - low > 1e-15 * high; step++) {
    const middle = (low + high) / 2;
    if (excess(middle) > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

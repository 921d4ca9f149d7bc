import type { DesignMatrix, DesignSpace } from './design-matrix.js';
import type { PromptMoments } from './noise/prompt-moments.js';

/** State of a unit: 0 fine, 1 without variation (constant, or fitted to rounding), 2 not finite. */
export const unitFlag = { fine: 0, constant: 1, nonFinite: 2 } as const;

/** Covariance of a contrast's effects where each condition has its own variance. */
export interface ContrastCovariance {
  /** [units x k x k]; NaN where a unit has none. */
  covariance: Float64Array;
  /** Degrees of freedom, [units]. */
  df: Float64Array;
  /** What e' covariance^-1 e is divided by to be F, [units]. */
  divisor: Float64Array;
  /** Residual variance of the rows that bear on the contrast, all conditions together, [units]. */
  dispersion: Float64Array;
}

/** A fitted general linear model of many units. */
export interface Fit {
  /** Name of the noise model. */
  noise: string;
  units: number;
  /** The design that was fitted: of rows, or of prompts for the noise model `prompt`. */
  design: DesignMatrix;
  space: DesignSpace;
  /** Coefficients, [columns x units], row-major. NaN for a unit that is not finite. */
  beta: Float64Array;
  /** Residual variance of each unit (of a prompt's mean for `prompt`), over `df`. NaN for a flagged unit. */
  dispersion: Float64Array;
  /** Residual degrees of freedom. */
  df: number;
  /** Rank of the design: the one that `df` and `dispersion` use. */
  rank: number;
  /** State of each unit, a value of `unitFlag`. */
  flags: Uint8Array;
  /** Noise parameters of each unit by name: rho; or ar and ma; or ratio (prompt variance over token variance). */
  parameters: Readonly<Record<string, Float64Array>>;
  /** (X' V^-1 X)^-1 of a unit, [columns x columns]; times its dispersion it is the coefficients' covariance. */
  covariance(unit: number): Float64Array;
  /** The covariance of every unit is this matrix times `covarianceScale`, where the noise model allows that. */
  sharedCovariance?: Float64Array;
  /** [units]; ones where absent. */
  covarianceScale?: Float64Array;
  /** Degrees of freedom of a contrast per unit, where they depend on it (Satterthwaite). */
  contrastDf?(weights: readonly Float64Array[]): Float64Array;
  /** The covariance of a contrast's effects where conditions have variances of their own; in place of all of the above. */
  contrastCovariance?(weights: readonly Float64Array[]): ContrastCovariance;
}

/** A fit over prompts, with the means that it was made from: permuting prompts starts from them. */
export interface PromptFit extends Fit {
  /** Mean of each prompt about the unit's shift, [prompts x units], in the order of rows. */
  promptMeans: Float64Array;
  /** Level that was taken off each unit, [units]; 0 where the design cannot make a constant. */
  shift: Float64Array;
}

/** Fits a general linear model to series that arrive in chunks of rows. */
export interface Estimator<F extends Fit = Fit> {
  /**
   * Takes the next rows, [n x units] row-major. Rows come in order, each once; where the chunks are cut changes nothing.
   *
   * @param firstRow index in the design of the first row given
   */
  add(rows: Float32Array | Float64Array, firstRow: number): void;
  /**
   * Takes what all rows come to over each prompt, in their place. Noise models whose fit goes through the rows have it not.
   * @throws RangeError where these moments do not serve, as with regressors that vary within prompts
   */
  addPrompts?(moments: PromptMoments): void;
  /** The fit, when every row of the design has been given. */
  finish(): F;
}

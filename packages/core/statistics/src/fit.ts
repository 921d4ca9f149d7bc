import type { DesignMatrix, DesignSpace } from './design-matrix.js';

/** The noise models on offer. `ar1-nilearn` is nilearn's convention, for parity. */
export type NoiseModel = 'prompt' | 'ols' | 'ar1' | 'arma11' | 'ar1+prompt' | 'ar1-nilearn';

/** State of a unit: 0 fine, 1 without variation (constant, or fitted to rounding), 2 not finite. */
export const unitFlag = { fine: 0, constant: 1, nonFinite: 2 } as const;

/** A fitted general linear model of many units. */
export interface Fit {
  noise: NoiseModel;
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
}

/** A fit over prompts, with the means that it was made from: permuting prompts starts from them. */
export interface PromptFit extends Fit {
  /** Mean of each prompt about the unit's shift, [prompts x units], in the order of rows. */
  promptMeans: Float64Array;
  /** Level that was taken off each unit, [units]; 0 where the design cannot make a constant. */
  shift: Float64Array;
}

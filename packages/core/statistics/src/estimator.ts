import { UserMistake } from '@galvani/terminal';
import { type DesignMatrix, designSpace, segmentMeans } from './design-matrix.js';
import type { Fit, NoiseModel } from './fit.js';
import { type PromptLayout, runSegments, segmentsOf } from './layout.js';
import { type Ar1Options, ar1Estimator } from './noise/ar1.js';
import { ar1PromptEstimator } from './noise/ar1-prompt.js';
import { arma11Estimator } from './noise/arma11.js';
import { olsEstimator } from './noise/ols.js';
import { promptEstimator } from './noise/prompt.js';

/** Fits a general linear model to series that arrive in chunks of rows. */
export interface Estimator<F extends Fit = Fit> {
  /**
   * Takes the next rows, [n x units] row-major. Rows come in order, each once; where the chunks are cut changes nothing.
   *
   * @param firstRow index in the design of the first row given
   */
  add(rows: Float32Array | Float64Array, firstRow: number): void;
  /** The fit, when every row of the design has been given. */
  finish(): F;
}

/**
 * An estimator of one noise model. Units are independent, bit for bit: a chunk of units can be done alone.
 *
 * @param design a row for each row of the series
 * @param layout the run and prompt of each row
 * @param units number of columns of the series
 * @param options of `ar1` and `ar1-nilearn`: how rho is found
 * Throws a UserMistake where the design leaves no degrees of freedom.
 */
export function createEstimator(
  noise: NoiseModel,
  design: DesignMatrix,
  layout: PromptLayout,
  units: number,
  options: Ar1Options = {},
): Estimator {
  if (layout.run.length !== design.rows) {
    throw new RangeError(`a layout of ${layout.run.length} rows for a design of ${design.rows}`);
  }
  const segments = segmentsOf(layout);
  requireFreedom(noise, effectiveDesign(noise, design, layout));
  switch (noise) {
    case 'prompt':
      return promptEstimator(design, segments, units);
    case 'ols':
      return olsEstimator(design, segments, units);
    case 'ar1':
      return ar1Estimator(design, segments, units, options);
    case 'ar1+prompt':
      return ar1PromptEstimator(design, segments, units);
    case 'arma11':
      return arma11Estimator(design, segments, units);
    case 'ar1-nilearn':
      return ar1Estimator(design, runSegments(layout), units, {
        start: 'unscaled',
        rho: 'yule-walker',
        bins: 100,
        ...options,
      });
    default:
      throw new RangeError(`unknown noise model ${noise}`);
  }
}

/** The design that a noise model fits: of prompts for `prompt`, of rows for the others. Reports and checks look at it. */
export function effectiveDesign(noise: NoiseModel, design: DesignMatrix, layout: PromptLayout): DesignMatrix {
  return noise === 'prompt' ? segmentMeans(design, segmentsOf(layout)) : design;
}

function requireFreedom(noise: NoiseModel, design: DesignMatrix): void {
  const { rank } = designSpace(design);
  if (design.rows > rank) return;
  const what = noise === 'prompt' ? 'prompts' : 'rows';
  throw new UserMistake(
    `Noise model '${noise}' has ${design.rows} ${what} for ${rank} independent columns of the design, which leaves nothing to estimate the noise from: use more ${what} or fewer columns.`,
  );
}

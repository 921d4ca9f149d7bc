import { UserMistake } from '@galvani/terminal';
import { type DesignMatrix, designSpace, requireInvertible, segmentMeans } from './design-matrix.js';
import type { Estimator } from './fit.js';
import { type PromptLayout, segmentsOf } from './layout.js';
import { type EstimatorOptions, type NoiseModel, noiseModel, noiseModelTable } from './noise/noise-models.js';

/**
 * An estimator of one noise model. Units are independent, bit for bit: a chunk of units can be done alone.
 *
 * @param design a row for each row of the series
 * @param layout the run and prompt of each row
 * @param units number of columns of the series
 * @param options of `ar1` and `ar1-nilearn`: how rho is found; of `prompt`: the condition of each prompt
 * Throws a UserMistake where the design leaves no degrees of freedom, or is too close to collinear.
 */
export function createEstimator(
  noise: NoiseModel,
  design: DesignMatrix,
  layout: PromptLayout,
  units: number,
  options: EstimatorOptions = {},
): Estimator {
  if (layout.run.length !== design.rows) {
    throw new RangeError(`a layout of ${layout.run.length} rows for a design of ${design.rows}`);
  }
  const effective = effectiveDesign(noise, design, layout);
  requireFreedom(noise, effective);
  requireInvertible(designSpace(effective));
  if (!Object.hasOwn(noiseModelTable, noise)) throw new RangeError(`unknown noise model ${noise}`);
  return noiseModel(noise).estimator(design, layout, units, options);
}

/** The design that a noise model fits: of prompts for `prompt` and `mixed`, of rows for the others. Reports and checks look at it. */
export function effectiveDesign(noise: NoiseModel, design: DesignMatrix, layout: PromptLayout): DesignMatrix {
  return fitsPrompts(noise) ? segmentMeans(design, segmentsOf(layout)) : design;
}

function requireFreedom(noise: NoiseModel, design: DesignMatrix): void {
  const { rank } = designSpace(design);
  if (design.rows > rank) return;
  const what = fitsPrompts(noise) ? 'prompts' : 'rows';
  throw new UserMistake(
    `Noise model '${noise}' has ${design.rows} ${what} for ${rank} independent columns of the design, which leaves nothing to estimate the noise from: use more ${what} or fewer columns.`,
  );
}

/** Whether a noise model's observations are prompts' means. */
export const fitsPrompts = (noise: NoiseModel): boolean => noise === 'prompt' || noise === 'mixed';

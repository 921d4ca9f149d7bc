import { type RowOf, tableFormat } from './table-format.js';

/**
 * `glm/diagnostics.parquet`: a row for each site, of the residuals of a fit of all tasks with an intercept for
 * each run. Counts are over all units of the site; what is said of tokens comes from a seeded sample of its units.
 */
export const diagnosticsTable = tableFormat({
  layer: 'text',
  site: 'text',
  kind: 'text',
  /** Units of the site. */
  units: 'int32',
  /** Units that never vary about what the design explains. */
  constant: 'int32',
  /** Units that are NaN or infinite somewhere. */
  non_finite: 'int32',
  /** Units whose activity over prompts is that of another unit of the site (`copy_of` of a study's maps); not looked for in a series. */
  copies: 'int32',
  /** Units of the head that stand for no token of any text (`unreachable` of the maps). */
  unreachable: 'int32',
  /** Units whose residual deviation is more than 6 robust deviations from the site's median, on a log scale. */
  outliers: 'int32',
  /** Units whose token residuals were looked at. */
  sampled: 'int32',
  /** Median over sampled units of the lag-1 autocorrelation of residuals within prompts. */
  lag1: 'float64',
  /** Share of sampled units whose Ljung-Box test rejects whiteness at p < .05. */
  ljung_box_share: 'float64',
  /** Median over sampled units of the share of the residual variance that is the prompt's own. */
  intraclass: 'float64',
});

/**
 * `glm/drift.parquet`: a row for each run with 5 rest prompts or more, on both sides of the task: whether rest drifts over the run, in a
 * seeded sample of units of all sites. p is by shuffling the rest prompts, so it holds however units depend on each other.
 */
export const driftTable = tableFormat({
  run: 'text',
  /** Rest prompts. */
  prompts: 'int32',
  /** Sampled units that vary in rest. */
  units: 'int32',
  /** Share of units whose rest has a slope over the run at p < .05: rest before and after the task differ. */
  linear_share: 'float64',
  linear_p: 'float64',
  /** Share of units whose rest bends over the run at p < .05. */
  quadratic_share: 'float64',
  quadratic_p: 'float64',
});

/**
 * `glm/design.parquet`: what maps of tasks are fitted with, column after column, as means over each prompt's tokens. Entries that are 0
 * have no row.
 */
export const designTable = tableFormat({
  task: 'text',
  /** Of the regressor, as contrasts may call it: `pathology`, `run ses-01_task-pathology`. */
  column: 'text',
  run: 'text',
  /** From 0 in each run. */
  prompt: 'int32',
  value: 'float64',
});

/**
 * `calibrate/calibration.parquet`: a row for each noise in the data, noise model, correction and measure.
 */
export const calibrationTable = tableFormat({
  /** `white`, `ar1 .3`, …; `activations` for rest prompts of a study. */
  noise: 'text',
  /** The noise model that was fitted. */
  model: 'text',
  correction: 'text',
  /** `false positives of t`, `family-wise error`, `coverage`, … */
  measure: 'text',
  /** What it should be, or the level at which sensitivity was taken. */
  nominal: 'float64',
  estimate: 'float64',
  /** Bounds of a 95% interval. */
  lower: 'float64',
  upper: 'float64',
  /** Independent trials behind the estimate. */
  trials: 'int32',
});

export type SiteDiagnostics = RowOf<typeof diagnosticsTable>;
export type RunDrift = RowOf<typeof driftTable>;
export type DesignEntry = RowOf<typeof designTable>;
export type CalibrationRate = RowOf<typeof calibrationTable>;

/** Whether rest drifts in a run: so it says of 5% of runs in which nothing drifts. */
export function restDrifts({ linear_p, quadratic_p }: RunDrift): boolean {
  return Math.min(linear_p, quadratic_p) <= 0.05 / 2;
}

/**
 * Whether a measured rate is surely worse than nominal: too many errors, or too little coverage. More sensitivity is better, and
 * a correction of single units promises nothing of false discoveries.
 */
export function isWorseThanNominal({ measure, correction, nominal, lower, upper }: CalibrationRate): boolean {
  const ofUnits = correction === 'none' || correction === 'relabelling';
  if (measure === 'sensitivity' || (measure === 'false discovery proportion' && ofUnits)) return false;
  return measure === 'coverage' ? upper < nominal : lower > nominal;
}

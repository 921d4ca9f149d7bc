import type { Source } from './byte-source.js';
import { type Columns, type Row, readTable } from './table.js';
import { writeTable } from './table-writer.js';

/**
 * Columns of `glm/diagnostics.parquet`: a row for each site, of the residuals of a fit of all tasks with an intercept for
 * each run. Counts are over all units of the site; what is said of tokens comes from a seeded sample of its units.
 */
export const diagnosticsColumns = {
  layer: 'text',
  site: 'text',
  kind: 'text',
  /** Units of the site. */
  units: 'int32',
  /** Units that never vary about what the design explains. */
  constant: 'int32',
  /** Units that are NaN or infinite somewhere. */
  non_finite: 'int32',
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
} as const satisfies Columns;

/**
 * Columns of `calibrate/calibration.parquet`: a row for each noise in the data, noise model, correction and measure.
 */
export const calibrationColumns = {
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
} as const satisfies Columns;

export type SiteDiagnostics = Row<typeof diagnosticsColumns>;
export type CalibrationRate = Row<typeof calibrationColumns>;

export const writeDiagnostics = (path: string, rows: readonly SiteDiagnostics[]) =>
  writeTable(path, diagnosticsColumns, rows);
export const readDiagnostics = (source: Source): Promise<SiteDiagnostics[]> => readTable(source, diagnosticsColumns);

export const writeCalibration = (path: string, rows: readonly CalibrationRate[]) =>
  writeTable(path, calibrationColumns, rows);
export const readCalibration = (source: Source): Promise<CalibrationRate[]> => readTable(source, calibrationColumns);

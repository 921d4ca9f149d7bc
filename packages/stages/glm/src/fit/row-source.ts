import type { ActivationColumn } from '@galvani/artifact';
import type { PromptLayout } from '@galvani/statistics';

/** Rows of a series, site by site. */
export interface SiteBatch {
  firstRow: number;
  rows: number;
  /** For each site [rows x width], row-major. Valid until the next batch. */
  values: readonly (Float32Array | Float64Array)[];
}

/** The rows of all runs, wherever they are kept. */
export interface RowSource {
  columns: readonly ActivationColumn[];
  layout: PromptLayout;
  /** Every row in order; `firstRow` counts the rows of all runs. May be asked for again. */
  batches(): AsyncIterable<SiteBatch>;
  /** Whether prompts' means are taken about each unit's first value; see promptMeans. */
  levelled: boolean;
}

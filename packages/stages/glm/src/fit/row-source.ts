import type { ActivationColumn, MomentPart } from '@galvani/artifact';
import type { PromptLayout } from '@galvani/statistics';

/** Rows of a series, site by site. */
export interface SiteBatch {
  firstRow: number;
  rows: number;
  /** For each site [rows x width], row-major. Valid until the next batch. */
  values: readonly (Float32Array | Float64Array)[];
}

/** What the rows of all runs come to over each prompt, where rows are not kept. */
export interface PromptSource {
  /** What there is beside means. */
  parts: readonly MomentPart[];
  /** Means or another moment in the order of prompts; `firstRow` counts the prompts of all runs. May be asked for again. */
  batches(part: 'means' | MomentPart): AsyncIterable<SiteBatch>;
}

/** The rows of all runs, wherever they are kept. */
export interface RowSource {
  columns: readonly ActivationColumn[];
  layout: PromptLayout;
  /** Every row in order; `firstRow` counts the rows of all runs. May be asked for again. Nothing where `prompts` are there instead. */
  batches(): AsyncIterable<SiteBatch>;
  prompts?: PromptSource;
  /** Whether prompts' means are taken about each unit's first value; see promptMeans. */
  levelled: boolean;
}

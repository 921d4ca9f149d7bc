import { type Columns, writeTable } from '@galvani/artifact';

/** A table's row. */
type RowOf<C extends Columns> = {
  [K in keyof C]: C[K] extends 'text' ? string : C[K] extends 'flag' ? boolean : number;
};

/** `observations.parquet`: a row for each study, measure and label: what enters the second level. */
export const observationColumns = {
  study: 'text',
  /** `size`, `size beside other tasks`, `layer profile`, `overlap`, `identification`, `beyond the twin`, `distance`. */
  measure: 'text',
  /** What the measure is of: a task, two tasks joined by ` + `, a task and a part of the model (`task @ part`), or a level of identification. */
  label: 'text',
  /** What was found. */
  value: 'float64',
  /** What would be found by chance, which is taken off; 0 where there is no such thing. */
  chance: 'float64',
  /** Standard error that the study itself gives; NaN where it gives none. */
  error: 'float64',
} as const satisfies Columns;

/**
 * `effects.parquet`: a row for each measure and label that all its studies have. `mean` to `labellings` are over studies as one observation each
 * (value - chance); `random_…` weigh them by their own errors, and are NaN where some study gives none.
 */
export const effectColumns = {
  measure: 'text',
  label: 'text',
  studies: 'int32',
  mean: 'float64',
  /** Standard deviation over studies. */
  sd: 'float64',
  /** Bounds of the mean's 95% interval, by t. */
  lower: 'float64',
  upper: 'float64',
  /** Of a mean of 0, with studies - 1 degrees of freedom; NaN of `size`, whose mean cannot be 0. */
  t: 'float64',
  /** Two-sided, by flipping the signs of studies. */
  p: 'float64',
  /** The same, over all labels of the measure: by the largest |t| of each flip. */
  p_familywise: 'float64',
  /** The least p that so many studies can give. */
  smallest_p: 'float64',
  labellings: 'int32',
  /** Whether these are all sign flips that there are. */
  exhaustive: 'flag',
  /** Mean of random effects (Paule and Mandel), with its 95% interval and p (Knapp and Hartung). */
  random_mean: 'float64',
  random_lower: 'float64',
  random_upper: 'float64',
  random_p: 'float64',
  /** Variance of true effects over models. */
  tau2: 'float64',
  /** Share of the variance over studies that is not their own error. */
  i2: 'float64',
  /** p of Cochran's Q: that studies differ by their own errors alone. */
  heterogeneity_p: 'float64',
  /** Bounds of the 95% interval of a further model's true effect; NaN for two studies. */
  prediction_lower: 'float64',
  prediction_upper: 'float64',
} as const satisfies Columns;

/** `covariates.parquet`: a row for each measure, label and covariate of `--by`. */
export const covariateColumns = {
  measure: 'text',
  label: 'text',
  /** Its column's name. */
  covariate: 'text',
  /** `slope` of a number, or `difference` of the second group from the first. */
  kind: 'text',
  /** Of a difference the two groups, as `first < second`; empty of a slope. */
  groups: 'text',
  studies: 'int32',
  /** Change of value - chance for one unit of the covariate, or from the first group to the second, with its 95% interval by t. */
  estimate: 'float64',
  lower: 'float64',
  upper: 'float64',
  /** Correlation with the covariate. */
  r: 'float64',
  t: 'float64',
  /** Two-sided, by exchanging the covariate among studies. */
  p: 'float64',
  /** The same, over all labels of the measure. */
  p_familywise: 'float64',
  smallest_p: 'float64',
  labellings: 'int32',
  exhaustive: 'flag',
} as const satisfies Columns;

/** `geometry.parquet`: a row for each two studies: how alike the distances between their tasks are; then their mean, whose studies are empty. */
export const geometryColumns = {
  study_a: 'text',
  study_b: 'text',
  tasks: 'int32',
  /** Pearson correlation over pairs of tasks. */
  r: 'float64',
  /** One-sided, by relabelling the tasks of one study; of the mean, of every study but the first. */
  p: 'float64',
  smallest_p: 'float64',
  labellings: 'int32',
  exhaustive: 'flag',
} as const satisfies Columns;

export type ObservationRow = RowOf<typeof observationColumns>;
export type EffectRow = RowOf<typeof effectColumns>;
export type CovariateRow = RowOf<typeof covariateColumns>;
export type GeometryRow = RowOf<typeof geometryColumns>;

/** The tables of a group, by file name. */
export interface GroupTables {
  observations: ObservationRow[];
  effects: EffectRow[];
  covariates: CovariateRow[];
  geometry: GeometryRow[];
}

/** Writes the tables into a folder, which is there. */
export async function writeGroupTables(
  place: (name: string) => string,
  { observations, effects, covariates, geometry }: GroupTables,
): Promise<string[]> {
  await writeTable(place('observations.parquet'), observationColumns, observations);
  await writeTable(place('effects.parquet'), effectColumns, effects);
  await writeTable(place('covariates.parquet'), covariateColumns, covariates);
  await writeTable(place('geometry.parquet'), geometryColumns, geometry);
  return ['observations', 'effects', 'covariates', 'geometry'].map((name) => `${name}.parquet`);
}

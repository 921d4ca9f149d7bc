import { concatenate } from '@galvani/numerics';
import {
  type Contrast,
  checkEstimable,
  createEstimator,
  type DesignMatrix,
  type Estimator,
  type MaximumNull,
  maximumNull,
  type NoiseModel,
  type PromptLayout,
  partitionDesign,
  planPermutations,
  promptLayout,
  segmentMeans,
  segmentsOf,
} from '@galvani/statistics';

/** Rows among those of all runs: `from` to before `until`. */
export interface RowSpan {
  from: number;
  until: number;
}

/** A contrast to compute. Its name is what messages call it. */
export interface PreparedContrast extends Contrast {
  /** Gathers the maximum statistic of permuted prompts over all units. */
  permutations?: MaximumNull;
}

/** A general linear model of some runs: design, contrasts and permutations are fixed before any activation is read. */
export interface PreparedGlm {
  noise: NoiseModel;
  /** A row for each row of the series. */
  design: DesignMatrix;
  layout: PromptLayout;
  /** Its rows among those of all runs. */
  spans: readonly RowSpan[];
  /** By the name of the map or contrast. */
  contrasts: ReadonlyMap<string, PreparedContrast>;
  /** What estimators take means over prompts for, a row a prompt; without it they take every row. */
  prompts?: { design: DesignMatrix; layout: PromptLayout };
}

/** An estimator of some units of a model. */
export function estimatorOf({ noise, prompts, design, layout }: PreparedGlm, units: number): Estimator {
  return prompts
    ? createEstimator(noise, prompts.design, prompts.layout, units)
    : createEstimator(noise, design, layout, units);
}

/** The design of prompts' means; undefined where prompts have several lengths, since a mean's variance hangs on its length. */
export function designOfMeans(design: DesignMatrix, layout: PromptLayout): PreparedGlm['prompts'] {
  const segments = segmentsOf(layout);
  if (!equalLengths(layout)) return undefined;
  const prompts = Array.from(segments.start, (first) => layout.prompt[first]);
  return { design: segmentMeans(design, segments), layout: promptLayout(segments.run, prompts) };
}

/** Permutations of whole prompts inside their run; undefined for a contrast of what changes within prompts alone. */
export function promptPermutations(
  { weights }: Contrast,
  design: DesignMatrix,
  layout: PromptLayout,
  count: number,
  seed: string,
): MaximumNull | undefined {
  const segments = segmentsOf(layout);
  const means = segmentMeans(design, segments);
  if (checkEstimable(weights, means) !== undefined) return undefined;
  const { interest, columns, nuisance } = partitionDesign(means.X, means.rows, concatenate(weights));
  const plan = planPermutations({
    labels: interest,
    columns,
    runs: segments.run,
    nuisance,
    runIntercepts: false,
    count,
    seed,
    ...(equalLengths(layout) ? {} : { weights: segments.length }),
  });
  return maximumNull(plan);
}

/** Whether permutations test any contrast of a model. */
export function permutesPrompts({ contrasts }: PreparedGlm): boolean {
  return [...contrasts.values()].some(({ permutations }) => permutations);
}

function equalLengths(layout: PromptLayout): boolean {
  const { length } = segmentsOf(layout);
  return length.every((own) => own === length[0]);
}

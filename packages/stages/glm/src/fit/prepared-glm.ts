import { concatenate } from '@galvani/numerics';
import {
  type Contrast,
  checkEstimable,
  contrastRows,
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
  rowsOf,
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
  permutations?: PromptPermutations;
  /** Whether t comes with confidence limits, which take a good part of its time. Default true. */
  limits?: boolean;
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
  /** Condition of each prompt, where conditions have variances of their own. */
  conditionOfPrompt?: Int32Array;
  /** What estimators take means over prompts for, a row a prompt; without it they take every row. */
  prompts?: { design: DesignMatrix; layout: PromptLayout };
}

/** An estimator of some units of a model. */
export function estimatorOf(
  { noise, prompts, design, layout, conditionOfPrompt: conditions }: PreparedGlm,
  units: number,
): Estimator {
  return prompts
    ? createEstimator(noise, prompts.design, prompts.layout, units, { conditions })
    : createEstimator(noise, design, layout, units, { conditions });
}

/** The design of prompts' means. */
export function designOfMeans(design: DesignMatrix, layout: PromptLayout): PreparedGlm['prompts'] {
  const segments = segmentsOf(layout);
  const prompts = Array.from(segments.start, (first) => layout.prompt[first]);
  return { design: segmentMeans(design, segments), layout: promptLayout(segments.run, prompts) };
}

/** Permutations of whole prompts inside their run, and the prompts that they are of. */
export interface PromptPermutations extends MaximumNull {
  /** What is relabelled, and what thresholds are in. */
  statistic: 't' | 'F';
  /** Whether that is none of the map's own: of another noise model than `prompt`, and of F of one effect, whose t is relabelled. */
  apart: boolean;
  /** Rows among the model's prompts: where conditions have variances of their own, those of runs that bear on the contrast. */
  prompts: Int32Array;
}

/**
 * Permutations of whole prompts inside their run; undefined for a contrast of what changes within prompts alone.
 *
 * Where conditions have variances of their own the statistic is studentized, else it is that of least squares.
 */
export function promptPermutations(
  { kind, weights }: Contrast,
  {
    noise,
    design,
    layout,
    conditionOfPrompt: conditions,
  }: Pick<PreparedGlm, 'noise' | 'design' | 'layout' | 'conditionOfPrompt'>,
  count: number,
  seed: string,
): PromptPermutations | undefined {
  const segments = segmentsOf(layout);
  const means = segmentMeans(design, segments);
  if (checkEstimable(weights, means) !== undefined) return undefined;
  const { interest, columns, nuisance } = partitionDesign(means.X, means.rows, concatenate(weights));
  const prompts = conditions
    ? contrastRows(means, weights, segments.run)
    : Int32Array.from({ length: means.rows }, (_, i) => i);
  const plan = planPermutations({
    labels: rowsOf(interest, columns, prompts),
    columns,
    runs: Int32Array.from(prompts, (i) => segments.run[i]),
    nuisance: rowsOf(nuisance, nuisance.length / means.rows, prompts),
    runIntercepts: false,
    count,
    seed,
    ...(conditions && { conditions: Int32Array.from(prompts, (i) => conditions[i]) }),
  });
  const statistic = columns > 1 ? 'F' : 't';
  return { ...maximumNull(plan), statistic, apart: noise !== 'prompt' || (kind === 'F' && columns === 1), prompts };
}

/** Whether permutations test any contrast of a model. */
export function permutesPrompts({ contrasts }: PreparedGlm): boolean {
  return [...contrasts.values()].some(({ permutations }) => permutations);
}

import { concatenate } from '@galvani/numerics';
import {
  type Contrast,
  checkEstimable,
  contrastF,
  contrastT,
  createEstimator,
  type DesignMatrix,
  designSpace,
  type Estimator,
  type FamilywiseNull,
  type FContrastResult,
  maximumNull,
  type NoiseModel,
  type PromptLayout,
  partitionDesign,
  planRelabelling,
  requireEstimable,
  type TContrastResult,
} from '@galvani/statistics';
import type { Slices } from '@galvani/study';
import { contrastOver, requireVarying } from '../design/model-design.js';
import { type SetDesign, setDesign } from '../design/set-design.js';
import type { StudyConfounds } from '../design/study-confounds.js';
import type { RunRows } from '../run-rows.js';
import type { FittedSet } from './map-set.js';

/** What a noise model said of some units. */
export interface SetResult {
  flags: Uint8Array;
  contrast: TContrastResult | FContrastResult;
  /** Residual variance, [units]. */
  dispersion: Float64Array;
}

/** A map set at work: units are fitted part by part, then the family of all of them is corrected together. */
export interface SetModel {
  set: FittedSet;
  runs: RunRows[];
  contrast: Contrast;
  noise: NoiseModel;
  /** What the noise model fits, a row for each row that estimators take. */
  fitted: { design: DesignMatrix; layout: PromptLayout };
  /** Whether estimators take prompt means, a row a prompt, instead of tokens. */
  onMeans: boolean;
  /** Takes the prompt means of a layer, [prompts of all runs x units]; nothing where relabelling prompts cannot test it. */
  relabel?(means: Float64Array): Promise<Float64Array>;
  estimator(units: number): Estimator;
  /** The contrast of a finished estimator. */
  evaluate(estimator: Estimator): SetResult;
  /** The null distribution over all layers that were relabelled. */
  familywise(): FamilywiseNull | undefined;
}

/**
 * Prepares a map set: design, contrast and relabellings are fixed before any activation is read.
 * @throws UserMistake for a contrast that cannot be read or estimated
 */
export function prepareSet(
  set: FittedSet,
  rows: readonly RunRows[],
  slice: Slices['glm'],
  confounds?: StudyConfounds,
): SetModel {
  const names = new Set(set.runs.map(({ name }) => name));
  const runs = rows.filter(({ run }) => names.has(run.name));
  const { noise } = slice;
  const { tokens, layout, prompts } = setDesign(runs, slice, confounds);
  const equal = prompts.lengths.every((length) => length === prompts.lengths[0]);
  // Means are all that the model of prompts needs, if every prompt has as many tokens as the others.
  const onMeans = noise === 'prompt' && equal;
  const fitted = onMeans ? prompts : { design: tokens.design, layout };
  const contrast = contrastOver(tokens, set.expression);
  const checked = noise === 'prompt' ? prompts.design : tokens.design;
  requireEstimable(contrast.weights, checked, designSpace(checked), `'${set.contrast}'`);
  if (set.kind === 'task') requireVarying(tokens, slice.modulators, noise, layout);
  const gathered = relabelling(set, contrast, prompts, noise, slice.seed);
  return {
    set,
    runs,
    contrast,
    noise,
    fitted,
    onMeans,
    ...(gathered && { relabel: async (means) => (await gathered.add(means)).statistic }),
    estimator: (units) => createEstimator(noise, fitted.design, fitted.layout, units),
    evaluate(estimator) {
      const fit = estimator.finish();
      const result =
        contrast.kind === 't'
          ? contrastT(fit, contrast.weights[0], set.contrast)
          : contrastF(fit, contrast.weights, set.contrast);
      return { flags: fit.flags, contrast: result, dispersion: fit.dispersion };
    },
    familywise: () => gathered?.finish(),
  };
}

/** Relabelling of prompts inside their run; undefined for a contrast of what changes within prompts alone. */
function relabelling(
  set: FittedSet,
  contrast: Contrast,
  { design, layout, lengths }: SetDesign['prompts'],
  noise: NoiseModel,
  seed: number,
) {
  const tested = noise === 'prompt' || isSeenBetweenPrompts(contrast, design);
  if (!tested) return undefined;
  const { interest, columns, nuisance } = partitionDesign(design.X, design.rows, concatenate(contrast.weights));
  const equal = lengths.every((length) => length === lengths[0]);
  const plan = planRelabelling({
    labels: interest,
    columns,
    blocks: layout.run,
    nuisance,
    blockIntercepts: false,
    count: set.relabellings,
    seed: `${seed} glm ${set.name}`,
    ...(equal ? {} : { weights: lengths }),
  });
  return maximumNull(plan);
}

function isSeenBetweenPrompts(contrast: Contrast, design: DesignMatrix): boolean {
  return checkEstimable(contrast.weights, design, designSpace(design)) === undefined;
}

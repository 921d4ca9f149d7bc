import {
  type Contrast,
  contrastF,
  contrastT,
  createEstimator,
  designSpace,
  type Estimator,
  type FamilywiseNull,
  type FContrastResult,
  type MaximumNull,
  maximumNull,
  type NoiseModel,
  parseContrast,
  partitionDesign,
  planRelabelling,
  requireEstimable,
  type TContrastResult,
} from '@galvani/statistics';
import type { MapSet } from './map-set.js';
import type { RunRows } from './run-rows.js';
import { promptDesign, type SetDesign, tokenDesign } from './set-design.js';

/** Statistics of one layer of a map set. */
export interface LayerResult {
  flags: Uint8Array;
  contrast: TContrastResult | FContrastResult;
  /** The statistic that relabelling tests, on prompt means: t or F, [units]. */
  relabelled: Float64Array;
}

/** A map set at work: layers are fitted one after another, then the family of all their units is corrected together. */
export interface SetModel {
  set: MapSet;
  runs: RunRows[];
  contrast: Contrast;
  /** Takes the prompt means of a layer, [prompts of all runs x units], for relabelling. */
  relabel(means: Float64Array): Promise<Float64Array>;
  /** An estimator for the rows of a layer: prompts for the noise model `prompt`, else tokens. */
  estimator(units: number): Estimator;
  /** The contrast of a finished estimator. */
  evaluate(estimator: Estimator): { flags: Uint8Array; contrast: TContrastResult | FContrastResult };
  /** The null distribution over all layers that were relabelled. */
  familywise(): FamilywiseNull;
}

/**
 * Prepares a map set: design, contrast and relabellings are fixed before any activation is read.
 * @throws UserMistake for a contrast that cannot be read or estimated
 */
export function prepareSet(set: MapSet, rows: readonly RunRows[], noise: NoiseModel, seed: number): SetModel {
  const names = new Set(set.runs.map(({ name }) => name));
  const runs = rows.filter(({ run }) => names.has(run.name));
  const prompts = promptDesign(runs);
  const fitted: SetDesign = noise === 'prompt' ? prompts : tokenDesign(runs);
  const tasks = [...new Set(runs.map(({ run }) => run.task))];
  const overTasks = parseContrast(set.expression, tasks);
  const contrast = { ...overTasks, weights: overTasks.weights.map((w) => padded(w, prompts.design.columns)) };
  requireEstimable(contrast.weights, prompts.design, designSpace(prompts.design), `'${set.contrast}'`);
  const { interest, columns, nuisance } = partitionDesign(
    prompts.design.X,
    prompts.design.rows,
    stacked(contrast.weights),
  );
  const plan = planRelabelling({
    labels: interest,
    columns,
    blocks: prompts.layout.run,
    nuisance,
    blockIntercepts: false,
    count: set.relabellings,
    seed: `${seed} glm ${set.name}`,
  });
  const gathered: MaximumNull = maximumNull(plan);
  return {
    set,
    runs,
    contrast,
    relabel: async (means) => (await gathered.add(means)).statistic,
    estimator: (units) => createEstimator(noise, fitted.design, fitted.layout, units),
    evaluate(estimator) {
      const fit = estimator.finish();
      const result =
        contrast.kind === 't'
          ? contrastT(fit, contrast.weights[0], set.contrast)
          : contrastF(fit, contrast.weights, set.contrast);
      return { flags: fit.flags, contrast: result };
    },
    familywise: () => gathered.finish(),
  };
}

/** Weights over tasks, with 0 for the run intercepts that follow them. */
function padded(weights: Float64Array, columns: number): Float64Array {
  const out = new Float64Array(columns);
  out.set(weights);
  return out;
}

function stacked(weights: readonly Float64Array[]): Float64Array {
  const width = weights[0].length;
  const out = new Float64Array(weights.length * width);
  for (const [i, row] of weights.entries()) out.set(row, i * width);
  return out;
}

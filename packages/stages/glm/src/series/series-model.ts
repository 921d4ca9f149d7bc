import {
  type Contrast,
  checkEstimable,
  createEstimator,
  type DesignMatrix,
  type DesignReport,
  designReport,
  designSpace,
  type Estimator,
  effectiveDesign,
  type MaximumNull,
  maximumNull,
  type PromptLayout,
  partitionDesign,
  planRelabelling,
  requireEstimable,
  segmentMeans,
  segmentsOf,
} from '@galvani/statistics';
import { UserMistake } from '@galvani/terminal';
import { contrastOver, requireVarying } from '../design/model-design.js';
import type { SeriesConfig } from './series-config.js';
import { type SeriesDesign, seriesDesign } from './series-design.js';
import type { SeriesRun } from './series-events.js';

/** A model of a series, ready for rows. */
export interface SeriesModel {
  config: SeriesConfig;
  design: DesignMatrix;
  layout: PromptLayout;
  contrasts: Map<string, Contrast>;
  /** Of what the noise model fits. */
  report: DesignReport;
  estimator(units: number): Estimator;
  /** Relabelling of prompts for each contrast that it can test; none where it was not asked for. */
  relabellings: Map<string, MaximumNull>;
}

/**
 * Prepares the model of a series before any of its rows is read.
 *
 * @param confounds a value for each row of all runs, by name
 * @param lenient leave out contrasts that this design cannot estimate (a single run may lack a condition)
 * @throws UserMistake for a config that does not fit the events
 */
export function seriesModel(
  runs: readonly SeriesRun[],
  config: SeriesConfig,
  confounds?: Readonly<Record<string, ArrayLike<number>>>,
  lenient = false,
): SeriesModel {
  const made = seriesDesign(runs, config, confounds);
  const { model, layout } = made;
  const fitted = effectiveDesign(config.noise, model.design, layout);
  const asked = Object.entries(config.contrasts);
  const expressions = asked.length > 0 ? asked : made.conditions.map((name) => [name, quoted(name)]);
  const contrasts = new Map<string, Contrast>();
  const spare = fitted.rows - designSpace(fitted).rank;
  if (spare < 1 && !lenient)
    throw new UserMistake(
      `${fitted.rows} ${config.noise === 'prompt' ? 'prompts' : 'rows'} and a design of rank ${fitted.rows - spare} leave no degree of freedom: fewer regressors or more data are needed.`,
    );
  for (const [name, expression] of spare < 1 ? [] : expressions) {
    const contrast = { ...contrastOver(model, expression), name };
    if (!lenient) requireEstimable(contrast.weights, fitted, designSpace(fitted), `'${name}'`);
    else if (checkEstimable(contrast.weights, fitted) !== undefined) continue;
    contrasts.set(name, contrast);
  }
  if (!lenient) requireVarying(model, config.modulators, config.noise, layout);
  return {
    config,
    design: model.design,
    layout,
    contrasts,
    report: designReport(fitted, [...contrasts.values()]),
    estimator: (units) => createEstimator(config.noise, model.design, layout, units),
    relabellings: lenient ? new Map() : relabellings(made, contrasts, config),
  };
}

function quoted(name: string): string {
  return name.includes('"') ? `'${name}'` : `"${name}"`;
}

function relabellings(
  { model, layout, inPrompts }: SeriesDesign,
  contrasts: ReadonlyMap<string, Contrast>,
  config: SeriesConfig,
): Map<string, MaximumNull> {
  const found = new Map<string, MaximumNull>();
  const count = config.relabellings ?? (config.noise === 'prompt' ? 2000 : 0);
  if (count === 0) return found;
  if (!inPrompts)
    throw new UserMistake(
      'relabellings: rows of an unbroken run follow one another, so they cannot be exchanged. Add a column prompt to the events (contexts that start afresh), choose noise: prompt, or leave relabellings out.',
    );
  const segments = segmentsOf(layout);
  const means = segmentMeans(model.design, segments);
  const equal = segments.length.every((length) => length === segments.length[0]);
  for (const [name, { weights }] of contrasts) {
    if (checkEstimable(weights, means) !== undefined) continue;
    const all = Float64Array.from(weights.flatMap((row) => Array.from(row)));
    const { interest, columns, nuisance } = partitionDesign(means.X, means.rows, all);
    const plan = planRelabelling({
      labels: interest,
      columns,
      blocks: segments.run,
      nuisance,
      blockIntercepts: false,
      count,
      seed: `${config.seed} glm ${name}`,
      ...(equal ? {} : { weights: segments.length }),
    });
    found.set(name, maximumNull(plan));
  }
  return found;
}

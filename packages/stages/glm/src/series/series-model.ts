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
  type NamedColumns,
  type PromptLayout,
  partitionDesign,
  planRelabelling,
  requireEstimable,
  segmentMeans,
  segmentsOf,
} from '@galvani/statistics';
import { UserMistake } from '@galvani/terminal';
import { contrastOfName, contrastOver, type ModelRows, requireVarying } from '../design/model-design.js';
import type { SeriesConfig } from './series-config.js';
import { type SeriesDesign, seriesDesign } from './series-design.js';
import type { SeriesRun } from './series-events.js';

/** A model of a series, ready for rows. */
export interface SeriesModel {
  config: SeriesConfig;
  design: DesignMatrix;
  layout: PromptLayout;
  contrasts: Map<string, Contrast>;
  /** Trial types that are not baseline. */
  conditions: string[];
  /** Of what the noise model fits. */
  report: DesignReport;
  estimator(units: number): Estimator;
  /** Relabelling of prompts for each contrast that it can test; none where it was not asked for. */
  relabellings: Map<string, MaximumNull>;
}

/** Where a person finds what a model is made of, for messages. */
export interface SeriesPlaces {
  /** `glm.yaml:3: contrasts.x` for a field of the config. */
  locate?: (...field: (string | number)[]) => string;
  sources?: ModelRows['sources'];
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
  confounds?: NamedColumns,
  lenient = false,
  { locate, sources }: SeriesPlaces = {},
): SeriesModel {
  const made = seriesDesign(runs, config, confounds, sources);
  const { model, layout } = made;
  const fitted = effectiveDesign(config.noise, model.design, layout);
  const asked = config.contrasts.map(([name, expression]) => {
    const where = locate && `${locate('contrasts', name)}: `;
    return { ...at(where, () => contrastOver(model, expression)), name, where };
  });
  const each = made.conditions.map((name) => ({ ...contrastOfName(model, name), where: undefined }));
  const contrasts = new Map<string, Contrast>();
  const spare = fitted.rows - designSpace(fitted).rank;
  if (spare < 1 && !lenient)
    throw new UserMistake(
      `${fitted.rows} ${config.noise === 'prompt' ? 'prompts' : 'rows'} and a design of rank ${fitted.rows - spare} leave no degree of freedom: fewer regressors or more data are needed.`,
    );
  for (const { where, ...contrast } of spare < 1 ? [] : asked.length > 0 ? asked : each) {
    const { name, weights } = contrast;
    if (!lenient) at(where, () => requireEstimable(weights, fitted, designSpace(fitted), `'${name}'`));
    else if (checkEstimable(weights, fitted) !== undefined) continue;
    contrasts.set(name, contrast);
  }
  if (!lenient) requireVarying(model, config.modulators, config.noise, layout);
  return {
    config,
    design: model.design,
    layout,
    contrasts,
    conditions: made.conditions,
    report: designReport(fitted, [...contrasts.values()]),
    estimator: (units) => createEstimator(config.noise, model.design, layout, units),
    relabellings: lenient ? new Map() : relabellings(made, contrasts, config),
  };
}

/** Says where the person wrote what turned out to be a mistake. */
function at<T>(where: string | undefined, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (where === undefined || !(cause instanceof UserMistake)) throw cause;
    throw new UserMistake(`${where}${cause.message}`, { cause });
  }
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

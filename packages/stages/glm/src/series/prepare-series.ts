import {
  type Contrast,
  checkEstimable,
  type DesignReport,
  designReport,
  designSpace,
  effectiveDesign,
  fitsPrompts,
  type NamedColumns,
  requireEstimable,
} from '@galvani/statistics';
import { UserMistake } from '@galvani/terminal';
import { contrastOfName, contrastOver, type DesignRows, requireVarying } from '../design/glm-design.js';
import {
  type PreparedContrast,
  type PreparedGlm,
  type PromptPermutations,
  promptPermutations,
} from '../fit/prepared-glm.js';
import type { SeriesConfig } from './series-config.js';
import { type SeriesDesign, seriesDesign } from './series-design.js';
import { requireRestInEvents, type SeriesRun } from './series-events.js';

/** A model of a series, ready for rows. */
export interface SeriesGlm extends PreparedGlm {
  /** Trial types that are not baseline. */
  conditions: string[];
  /** Of each row; null is baseline. */
  condition: readonly (string | null)[];
  /** Of what the noise model fits. */
  report: DesignReport;
}

/** What `prepareSeries` need not be given. */
export interface SeriesOptions {
  /** A value for each row of the runs, by name. */
  confounds?: NamedColumns;
  /**
   * For one of several runs the first of its rows among theirs: contrasts that its design cannot estimate are left out, since
   * it may lack a condition, and nothing is permuted.
   */
  firstRow?: number;
  /** `glm.yaml:3: contrasts.x` for a field of the config, for messages. */
  locate?: (...field: (string | number)[]) => string;
  /** Where a person finds names, for messages. */
  sources?: DesignRows['sources'];
}

/**
 * Prepares the model of a series before any of its rows is read.
 *
 * @throws UserMistake for a config that does not fit the events
 */
export function prepareSeries(
  runs: readonly SeriesRun[],
  config: SeriesConfig,
  { confounds, firstRow, locate, sources }: SeriesOptions = {},
): SeriesGlm {
  const lenient = firstRow !== undefined;
  if (!lenient) requireRestInEvents(runs, config.rest, locate);
  const made = seriesDesign(runs, config, confounds, sources);
  const { model, layout, conditions, condition } = made;
  const { design } = model;
  const { noise, variance } = config;
  const conditionOfPrompt = variance === 'separate' && made.inPrompts ? model.conditionOfPrompt : undefined;
  const fitted = effectiveDesign(noise, design, layout);
  const space = designSpace(fitted);
  const asked = config.contrasts.map(([name, expression]) => {
    const where = locate && `${locate('contrasts', name)}: `;
    return { ...sayingWhere(where, () => contrastOver(model, expression)), name, where };
  });
  const each = conditions.map((name) => ({ ...contrastOfName(model, name), where: undefined }));
  const spare = fitted.rows - space.rank;
  if (spare < 1 && !lenient)
    throw new UserMistake(
      `${fitted.rows} ${fitsPrompts(noise) ? 'prompts' : 'rows'} and a design of rank ${fitted.rows - spare} leave no degree of freedom: fewer regressors or more data are needed.`,
    );
  const contrasts = new Map<string, PreparedContrast>();
  for (const { where, ...contrast } of spare < 1 ? [] : asked.length > 0 ? asked : each) {
    const { name, weights } = contrast;
    if (!lenient) sayingWhere(where, () => requireEstimable(weights, fitted, space, `'${name}'`));
    else if (checkEstimable(weights, fitted) !== undefined) continue;
    contrasts.set(name, contrast);
  }
  const report = designReport(fitted, [...contrasts.values()]);
  if (!lenient) {
    requireVarying(model, config.modulators, noise, layout);
    for (const contrast of contrasts.values())
      contrast.permutations = permutationsOf(made, conditionOfPrompt, contrast, config);
  }
  const rows = runs.reduce((sum, run) => sum + run.rows, 0);
  const spans = [{ from: firstRow ?? 0, until: (firstRow ?? 0) + rows }];
  return {
    ...{ noise, design, layout, spans, contrasts, conditions, condition, report },
    ...(conditionOfPrompt && { conditionOfPrompt }),
  };
}

/** Says where the person wrote what turned out to be a mistake. */
function sayingWhere<T>(where: string | undefined, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (where === undefined || !(cause instanceof UserMistake)) throw cause;
    throw new UserMistake(`${where}${cause.message}`, { cause });
  }
}

function permutationsOf(
  { model, layout, inPrompts }: SeriesDesign,
  conditionOfPrompt: Int32Array | undefined,
  contrast: Contrast,
  { noise, relabellings, seed }: SeriesConfig,
): PromptPermutations | undefined {
  const count = relabellings ?? (noise === 'prompt' ? 2000 : 0);
  if (count === 0) return undefined;
  if (!inPrompts)
    throw new UserMistake(
      'relabellings: rows of an unbroken run follow one another, so they cannot be exchanged. Add a column prompt to the events (contexts that start afresh), choose noise: prompt, or leave relabellings out.',
    );
  return promptPermutations(
    contrast,
    { noise, design: model.design, layout, conditionOfPrompt },
    count,
    `${seed} glm ${contrast.name}`,
  );
}

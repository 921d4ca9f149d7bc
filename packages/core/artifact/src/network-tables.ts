import { type RowOf, tableFormat } from './table-format.js';

/** `networks/units.parquet`: a row per member of a task's network; no row where a network is empty. */
export const networkUnitTable = tableFormat({
  task: 'text',
  site: 'text',
  /** What computes the site: embedding, norm, linear, activation, block, head, other. */
  kind: 'text',
  /** Name of the map and activation file that holds the site. */
  layer: 'text',
  /** Index of the unit in its site, from 0. */
  unit: 'int32',
  /** Task minus rest, in the unit's own units of activation. */
  effect: 'float64',
  /** Of the unit's own degrees of freedom: units compare by z. */
  t: 'float64',
  /** Normal deviate with t's tail. */
  z: 'float64',
  /** Cohen's d, signed like the effect. */
  d: 'float64',
  /** Base-10 logarithm of the corrected p-value that the threshold was applied to. */
  log10_p: 'float64',
});

/**
 * `networks/contrast_units.parquet`: a row per unit that survives in a contrast of `glm.contrasts`, by the rule of networks. A table of
 * its own, since a contrast may have a task's name.
 */
export const contrastUnitTable = tableFormat({
  /** Its name in study.yaml. */
  contrast: 'text',
  site: 'text',
  kind: 'text',
  layer: 'text',
  unit: 'int32',
  /** Of an F contrast, which has no sign: NaN, as are t and d. */
  effect: 'float64',
  t: 'float64',
  z: 'float64',
  d: 'float64',
  log10_p: 'float64',
});

/** `networks/contrast_sizes.parquet`: a row for every contrast and site. */
export const contrastSizeTable = tableFormat({
  contrast: 'text',
  layer: 'text',
  kind: 'text',
  site: 'text',
  units: 'int32',
  members: 'int32',
  /** Members whose contrast is above 0; all of an F contrast. */
  positive: 'int32',
  negative: 'int32',
});

/**
 * `networks/peaks.parquet`: the strongest units of each task and contrast, at most a few of each site, strongest first; those that do not
 * survive too.
 */
export const peakTable = tableFormat({
  /** `task` or `contrast`. */
  map: 'text',
  /** Which task, or which contrast. */
  name: 'text',
  /** From 1. */
  rank: 'int32',
  site: 'text',
  kind: 'text',
  layer: 'text',
  unit: 'int32',
  /** Text of the token that a unit of the head stands for; empty for all other units, and where the model has no tokenizer. */
  token: 'text',
  /** Whether it belongs to the network. */
  member: 'flag',
  /** In the unit's own units of activation, with its 95% interval (of one unit by itself); NaN of an F contrast, as are t and d. */
  effect: 'float64',
  effect_lower: 'float64',
  effect_upper: 'float64',
  t: 'float64',
  z: 'float64',
  d: 'float64',
  d_lower: 'float64',
  d_upper: 'float64',
  /** Base-10 logarithm of the corrected p-value that the threshold is applied to. */
  log10_p: 'float64',
});

/** `networks/sizes.parquet`: a row for every task and site, also where no unit is a member. */
export const networkSizeTable = tableFormat({
  task: 'text',
  layer: 'text',
  kind: 'text',
  site: 'text',
  /** Units of the site that count: a group of copies as one (`networks.copies`), and perhaps no unreachable ones. */
  units: 'int32',
  members: 'int32',
  /** Members whose effect is above rest. */
  positive: 'int32',
  /** Members whose effect is below rest. */
  negative: 'int32',
});

/** `networks/overlap.parquet`: a row for every ordered pair of tasks, each with itself too. */
export const networkOverlapTable = tableFormat({
  task_a: 'text',
  task_b: 'text',
  members_a: 'int32',
  members_b: 'int32',
  /** Units in both networks with effects of the same sign. */
  same: 'int32',
  /** Units in both networks with effects of opposite signs. */
  opposed: 'int32',
  /** Of units of the same sign: 2 same / (members_a + members_b); NaN where both networks are empty. */
  dice: 'float64',
  /** Of units of opposite signs: 2 opposed / (members_a + members_b). */
  opposed_dice: 'float64',
  /** same / (units in either network); NaN where both networks are empty. */
  jaccard: 'float64',
  /**
   * `dice` of two networks that have as many members of each sign in each site, placed there independently: a sum over sites. An
   * expectation, not a test: units of one model move together.
   */
  expected_dice: 'float64',
  /** The same for `opposed_dice`. */
  expected_opposed_dice: 'float64',
});

/**
 * `networks/repeatability.parquet`: a row for each pair of runs of different sessions, session_a < session_b.
 * Runs of one task (task = other_task) say how a network repeats; runs of two tasks say what to compare that with.
 */
export const networkRepeatabilityTable = tableFormat({
  /** Task of the run in session_a. */
  task: 'text',
  /** Task of the run in session_b. */
  other_task: 'text',
  session_a: 'int32',
  session_b: 'int32',
  /** Of units of the same sign among the strongest of each run, as many as the task's network has. */
  dice: 'float64',
  jaccard: 'float64',
  /** `dice` of as many members of each sign placed independently within each site. */
  expected_dice: 'float64',
  /** Pearson correlation of the two sessions' z maps over the units that count. */
  correlation: 'float64',
});

/**
 * `networks/likeness.parquet`: a row for each ordered pair of tasks, a task with itself included; means over the
 * pairs of runs in different sessions, NaN where there are none.
 */
export const networkLikenessTable = tableFormat({
  task: 'text',
  other_task: 'text',
  /** Dice coefficient of the strongest units of the two runs, of the same sign. */
  dice: 'float64',
  expected_dice: 'float64',
  /** Pearson correlation of the two z maps over the units that count. */
  correlation: 'float64',
});

/** `networks/strongest.parquet`: of each run's map the strongest unit by |z| of some sites, strongest first. */
export const strongestUnitTable = tableFormat({
  run: 'text',
  task: 'text',
  layer: 'text',
  site: 'text',
  /** Place in the site, from 0. */
  unit: 'int32',
  z: 'float64',
});

export type ContrastUnit = RowOf<typeof contrastUnitTable>;
export type ContrastSize = RowOf<typeof contrastSizeTable>;
export type Peak = RowOf<typeof peakTable>;
export type NetworkLikeness = RowOf<typeof networkLikenessTable>;
export type StrongestUnit = RowOf<typeof strongestUnitTable>;
export type NetworkUnit = RowOf<typeof networkUnitTable>;
export type NetworkSize = RowOf<typeof networkSizeTable>;
export type NetworkOverlap = RowOf<typeof networkOverlapTable>;
export type NetworkRepeatability = RowOf<typeof networkRepeatabilityTable>;

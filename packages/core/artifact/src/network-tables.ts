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
  /** Base-10 logarithm of the corrected p-value that the threshold was applied to; NaN where the strongest units are taken. */
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
  /**
   * 95% interval of `dice` over other prompts of the same kind: prompts drawn anew within runs and conditions, networks formed by the same
   * |t| each time. NaN where a network is empty.
   */
  lower: 'float64',
  upper: 'float64',
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
  /**
   * Mean `dice` where the prompts of either task are relabelled within their runs and the strongest units of either sign, as many as the
   * network has, are held against the other network as it is. NaN where a network is empty.
   */
  relabelled_dice: 'float64',
  /** One-sided p of `dice` under these relabellings, the larger of the two ways. */
  p: 'float64',
  /** The same, corrected over all pairs of tasks. */
  p_over_pairs: 'float64',
  /** Likewise of `opposed_dice`. */
  opposed_p: 'float64',
  opposed_p_over_pairs: 'float64',
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

/**
 * `networks/reliability.parquet`: a row for each measure and task, and one for each measure over all tasks (`task` empty); of one session
 * `prompts` alone. Intervals, 95%, are of the jackknife over sessions, and NaN for two sessions; those of fingerprints are Clopper and Pearson's, a map a
 * trial; `prompts` has neither intervals nor p.
 */
export const reliabilityTable = tableFormat({
  /**
   * `correlation`: of the z maps of two sessions. `dice`: the same, of each session's strongest 5% of units by |z|, those in both with one sign.
   * `split-half`: correlation of the mean z maps of two halves of the sessions, over all ways to halve them. `fingerprint`: share of session
   * maps whose most correlated map of other sessions is of the same task. `prompts`: correlation of the z maps over all runs of their prompts in
   * odd and in even places.
   */
  measure: 'text',
  task: 'text',
  /** Mean over sessions (halves) of one task. */
  within: 'float64',
  lower: 'float64',
  upper: 'float64',
  /** Mean over sessions of the task and another; of fingerprints the mean share where sessions are relabelled. */
  between: 'float64',
  /** within - between, with its interval. */
  difference: 'float64',
  difference_lower: 'float64',
  difference_upper: 'float64',
  /** Reliability of the mean map of all sessions (`prompts`: of the map of all prompts of these runs), by Spearman and Brown; NaN for `dice` and `fingerprint`. */
  whole: 'float64',
  /**
   * Share of relabellings with as large a difference. All tasks: tasks are exchanged within sessions. One task: one run of each session is
   * taken, whatever its task. Of all relabellings b / m; of drawn ones (b + 1) / (m + 1).
   */
  p: 'float64',
  labellings: 'int32',
  /** Whether those are all that there are. */
  exhaustive: 'flag',
});

/**
 * `networks/icc.parquet`: intraclass correlations of units' effects (Cohen's d of single sessions), two rows for each task: targets are units, judges
 * are sessions. No rows for one session.
 */
export const iccTable = tableFormat({
  task: 'text',
  /** `all` that count, or those of the task's `network`, which were chosen by the same sessions. */
  units: 'text',
  /** Number of units. */
  targets: 'int32',
  sessions: 'int32',
  /** ICC(2,1): absolute agreement of single sessions. */
  agreement: 'float64',
  /** 95% interval of the jackknife over sessions; NaN for two. */
  agreement_lower: 'float64',
  agreement_upper: 'float64',
  /** 95% interval by F, which takes units for independent, so that it is too narrow. */
  agreement_f_lower: 'float64',
  agreement_f_upper: 'float64',
  /** ICC(3,1): consistency of single sessions. */
  consistency: 'float64',
  consistency_lower: 'float64',
  consistency_upper: 'float64',
  consistency_f_lower: 'float64',
  consistency_f_upper: 'float64',
  /** Of all units: share of choices of one run of each session, whatever its task, with as large an ICC(3,1). */
  p: 'float64',
  labellings: 'int32',
  exhaustive: 'flag',
});

/**
 * `networks/unit_icc.parquet`: how intraclass correlations are distributed over units, each of a unit's effects (Cohen's d) with tasks as targets and sessions as judges.
 * A row for each quantile; no rows for one session or task.
 */
export const unitIccTable = tableFormat({
  /** `all` that count, or members of some `network`. */
  units: 'text',
  /** `own`, or `exchanged` within sessions, which is what units without any effect would show. */
  tasks: 'text',
  targets: 'int32',
  /** From 0 to 1. */
  quantile: 'float64',
  agreement: 'float64',
  consistency: 'float64',
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
export type Reliability = RowOf<typeof reliabilityTable>;
export type UnitEffectIcc = RowOf<typeof iccTable>;
export type UnitIccQuantile = RowOf<typeof unitIccTable>;
export type NetworkLikeness = RowOf<typeof networkLikenessTable>;
export type StrongestUnit = RowOf<typeof strongestUnitTable>;
export type NetworkUnit = RowOf<typeof networkUnitTable>;
export type NetworkSize = RowOf<typeof networkSizeTable>;
export type NetworkOverlap = RowOf<typeof networkOverlapTable>;
export type NetworkRepeatability = RowOf<typeof networkRepeatabilityTable>;

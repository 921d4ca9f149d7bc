import { type RowOf, tableFormat } from './table-format.js';

/**
 * `geometry/distances.parquet`: a row for each two tasks, then for each task and rest: how far apart the model's activity for them lies. None of a
 * study of one session.
 */
export const distanceTable = tableFormat({
  /** In the order of study.yaml. */
  task_a: 'text',
  /** `rest` for the prompts of all off blocks. */
  task_b: 'text',
  /**
   * Squared distance of mean patterns, cross-validated over sessions and divided by the number of units, in variances of prompts within their
   * task and session. 0 on average where there is no difference, so that it may be negative.
   */
  distance: 'float64',
  /** Its 95% interval, over prompts; NaN where a task has one prompt a session. */
  lower: 'float64',
  upper: 'float64',
  /** Its standard error. */
  error: 'float64',
  /** One-sided, from the two's prompts exchanged within sessions. */
  p: 'float64',
  /** The same over all rows, by Holm's method. */
  p_over_pairs: 'float64',
  /** The least p that so few prompts and relabellings can give. */
  smallest_p: 'float64',
  /** Units that it is over. */
  units: 'int32',
});

/**
 * `geometry/ceiling.parquet`: a row for each session: how well its own distances between tasks agree with others'; then their mean, as session 0.
 * None with fewer than three tasks or two sessions.
 */
export const ceilingTable = tableFormat({
  session: 'int32',
  /** Correlation with the mean of the other sessions' distances. */
  lower: 'float64',
  /** Correlation with the mean of all sessions' distances, its own among them: no description of the tasks does better on average. */
  upper: 'float64',
  /** Of the mean: one-sided, that `lower` is as large with tasks exchanged within sessions. NaN for single sessions. */
  p: 'float64',
});

/** `geometry/dendrogram.parquet`: a row for each merge of two clusters of tasks, by average linkage, from the nearest on. */
export const dendrogramTable = tableFormat({
  /** Tasks of either, separated by spaces, from left to right. */
  first: 'text',
  second: 'text',
  /** Mean distance between the tasks of one and of the other. */
  height: 'float64',
});

/**
 * `geometry/components.parquet`: a row for each independent component and task: whether the component's time course over prompts follows the task,
 * and its map over units that of the task. The maps are in `geometry/components/`.
 */
export const componentTable = tableFormat({
  /** From 1, by falling share. */
  component: 'int32',
  task: 'text',
  /** Of the squares of all prompts' activity, units in their own standard deviations. */
  share: 'float64',
  /** Mean |correlation| of its map with the most alike one of other random starts. */
  stability: 'float64',
  /** Correlation of the time course with being on the task, within the task's runs. */
  r: 'float64',
  /** Two-sided, from task and rest exchanged within runs. */
  p: 'float64',
  /** The same, held against the largest |r| of any component with any task. */
  p_over_all: 'float64',
  /** Correlation over units of its map with the task's effects (Cohen's d). */
  map_r: 'float64',
  /** Mean of its map over the members of the task's network, those below rest counted negative, in standard deviations over units. NaN for an empty one. */
  members_z: 'float64',
});

export type Distance = RowOf<typeof distanceTable>;
export type Ceiling = RowOf<typeof ceilingTable>;
export type DendrogramMerge = RowOf<typeof dendrogramTable>;
export type Component = RowOf<typeof componentTable>;

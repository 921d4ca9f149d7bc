import { type RowOf, tableFormat } from './table-format.js';

/**
 * `decode/scores.parquet`: a row for each held-out run or prompt and each candidate task. In every table here
 * `level` is `run` or `prompt`.
 */
export const scoreTable = tableFormat({
  level: 'text',
  run: 'text',
  session: 'int32',
  /** What was presented. */
  task: 'text',
  /** Empty for a run. */
  prompt_id: 'text',
  candidate: 'text',
  /** How well the activity matches the candidate's network; the highest score identifies the task. */
  score: 'float64',
});

/** `decode/predictions.parquet`: a row for each held-out run or prompt. */
export const predictionTable = tableFormat({
  level: 'text',
  run: 'text',
  session: 'int32',
  task: 'text',
  /** Empty for a run. */
  prompt_id: 'text',
  identified: 'text',
  correct: 'flag',
});

/** `decode/accuracy.parquet`: a row for each level. */
export const accuracyTable = tableFormat({
  level: 'text',
  correct: 'int32',
  total: 'int32',
  accuracy: 'float64',
  /**
   * Bounds of a 95% interval over runs. Prompts: percentiles of the accuracy of as many runs drawn with replacement. Runs, which have one
   * outcome each, and prompts of runs that are all alike: Clopper and Pearson's, a run a trial.
   */
  lower: 'float64',
  upper: 'float64',
  /** Mean accuracy over the permutations: 1 / tasks, or less where networks are empty. */
  chance: 'float64',
  /** Permutation p-value, (b + 1) / (permutations + 1); exact. */
  p: 'float64',
  /** The same of the other tail: that as few are identified. */
  opposite_p: 'float64',
  permutations: 'int32',
});

/** `decode/confusion.parquet`: a row for each level and ordered pair of tasks, zeros included. */
export const confusionTable = tableFormat({
  level: 'text',
  task: 'text',
  identified: 'text',
  count: 'int32',
});

/** `decode/networks.parquet`: a row for each held-out session and task: the network that the other sessions gave it. */
export const decodeNetworkTable = tableFormat({
  /** The session that was held out. */
  session: 'int32',
  task: 'text',
  members: 'int32',
  /** |t| or |z|, as `statistic` says, from which a unit belongs to it. */
  threshold: 'float64',
  statistic: 'text',
});

export type Score = RowOf<typeof scoreTable>;
export type Prediction = RowOf<typeof predictionTable>;
export type Accuracy = RowOf<typeof accuracyTable>;
export type Confusion = RowOf<typeof confusionTable>;

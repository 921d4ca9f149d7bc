import { type RowOf, tableFormat } from './table-format.js';

/**
 * `controls/identification.parquet`: a row for each way of holding prompts out, features and decoder. The rows of `networks` on `units`
 * are galvani's own; all others are what they are held against.
 *
 * `folds` is what held-out prompts have not in common with those that anything was learnt from: `sessions` (the session), `forms` (also
 * the form of prompt) or `words` (also any content word).
 */
export const controlTable = tableFormat({
  folds: 'text',
  /** What the decoder sees: `units`, `twin`, `layer <name>`, `kind <kind>`, `generated units`, `input embedding`, `tokens`, ... */
  features: 'text',
  /** `activity`, `twin` (of the untrained twin) or `wording` (of the prompt's text, without the model's activity). */
  source: 'text',
  /** Numbers that stand for a prompt. */
  width: 'int32',
  decoder: 'text',
  /** Identified prompts; of random networks the draw with the median of 11. */
  correct: 'int32',
  total: 'int32',
  accuracy: 'float64',
  /** Bounds of a 95% interval that resamples runs. */
  lower: 'float64',
  upper: 'float64',
  /** Mean over tasks of the share of a task's prompts that are identified. */
  balanced: 'float64',
  /** Share of prompts whose task is among the two best. */
  top_two: 'float64',
  /** Accuracy of galvani's networks on the same prompts minus this accuracy, with a 95% interval that resamples runs. */
  difference: 'float64',
  difference_lower: 'float64',
  difference_upper: 'float64',
  /** Of the difference, two-sided: the two decoders' answers are exchanged run by run. */
  p: 'float64',
});

/** `controls/answers.parquet`: a row for each held-out prompt, way of holding out, features and decoder. */
export const controlAnswerTable = tableFormat({
  folds: 'text',
  features: 'text',
  decoder: 'text',
  run: 'text',
  session: 'int32',
  task: 'text',
  prompt_id: 'text',
  identified: 'text',
  correct: 'flag',
});

/** `controls/windows.parquet`: identification by galvani's networks from some of each prompt's rows (generated tokens). */
export const controlWindowTable = tableFormat({
  /** First row, from 0; row 0 is the position whose output chose the first generated token. */
  from: 'int32',
  /** The row after the last one. */
  to: 'int32',
  /** `first` rows, `sliding` window, or `generated` rows alone. */
  kind: 'text',
  correct: 'int32',
  total: 'int32',
  accuracy: 'float64',
  lower: 'float64',
  upper: 'float64',
});

/** `controls/hubs.parquet`: a row for each task: what held-out prompts of other tasks and of rest its network draws. */
export const controlHubTable = tableFormat({
  task: 'text',
  /** Held-out prompts of the task, and how many of them are identified. */
  prompts: 'int32',
  correct: 'int32',
  /** Prompts of other tasks that are taken for it. */
  others: 'int32',
  /** Rest prompts of held-out sessions that match its network best, of all of them; and those among them nearer to it than to rest. */
  rest: 'int32',
  rest_presented: 'int32',
  rest_beyond_middle: 'int32',
});

/**
 * `controls/calibration.parquet`: how far the scores of galvani's networks, another session held out, can be read as probabilities. A row
 * for each bin of the probability of what is identified that has prompts, and last one for all (0 to 1). Prompts whose session gave no
 * network are left out; no rows where fewer than two sessions have prompts with scores.
 */
export const controlCalibrationTable = tableFormat({
  /** The bin's bounds, of which it has the upper one. */
  from: 'float64',
  to: 'float64',
  prompts: 'int32',
  /** Mean probability of what is identified. */
  predicted: 'float64',
  /** Share of prompts that are identified rightly, with a 95% interval that resamples runs. */
  right: 'float64',
  lower: 'float64',
  upper: 'float64',
  /** Distance of `predicted` from `right`; of all prompts the expected calibration error, which is the mean over prompts of their bins'. */
  error: 'float64',
  /** Brier's score of all prompts, 0 to 2; NaN for bins. */
  brier: 'float64',
});

export type Control = RowOf<typeof controlTable>;
export type ControlAnswer = RowOf<typeof controlAnswerTable>;
export type ControlWindow = RowOf<typeof controlWindowTable>;
export type ControlHub = RowOf<typeof controlHubTable>;
export type ControlCalibration = RowOf<typeof controlCalibrationTable>;

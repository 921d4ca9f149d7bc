import type { Source } from './byte-source.js';
import { type Columns, type Row, readTable } from './table.js';
import { writeTable } from './table-writer.js';

/**
 * Columns of `decode/scores.parquet`: a row for each held-out run or prompt and each candidate task. In every table here
 * `level` is `run` or `prompt`.
 */
export const scoreColumns = {
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
} as const satisfies Columns;

/** Columns of `decode/predictions.parquet`: a row for each held-out run or prompt. */
export const predictionColumns = {
  level: 'text',
  run: 'text',
  session: 'int32',
  task: 'text',
  /** Empty for a run. */
  prompt_id: 'text',
  identified: 'text',
  correct: 'flag',
} as const satisfies Columns;

/** Columns of `decode/accuracy.parquet`: a row for each level. */
export const accuracyColumns = {
  level: 'text',
  correct: 'int32',
  total: 'int32',
  accuracy: 'float64',
  /** Bounds of a 95% interval. */
  lower: 'float64',
  upper: 'float64',
  /** Accuracy expected of guessing. */
  chance: 'float64',
  /** Permutation p-value, (b + 1) / (permutations + 1). */
  p: 'float64',
  permutations: 'int32',
} as const satisfies Columns;

/** Columns of `decode/confusion.parquet`: a row for each level and ordered pair of tasks, zeros included. */
export const confusionColumns = {
  level: 'text',
  task: 'text',
  identified: 'text',
  count: 'int32',
} as const satisfies Columns;

export type Score = Row<typeof scoreColumns>;
export type Prediction = Row<typeof predictionColumns>;
export type Accuracy = Row<typeof accuracyColumns>;
export type Confusion = Row<typeof confusionColumns>;

export const writeScores = (path: string, rows: readonly Score[]) => writeTable(path, scoreColumns, rows);
export const readScores = (source: Source): Promise<Score[]> => readTable(source, scoreColumns);

export const writePredictions = (path: string, rows: readonly Prediction[]) =>
  writeTable(path, predictionColumns, rows);
export const readPredictions = (source: Source): Promise<Prediction[]> => readTable(source, predictionColumns);

export const writeAccuracy = (path: string, rows: readonly Accuracy[]) => writeTable(path, accuracyColumns, rows);
export const readAccuracy = (source: Source): Promise<Accuracy[]> => readTable(source, accuracyColumns);

export const writeConfusion = (path: string, rows: readonly Confusion[]) => writeTable(path, confusionColumns, rows);
export const readConfusion = (source: Source): Promise<Confusion[]> => readTable(source, confusionColumns);

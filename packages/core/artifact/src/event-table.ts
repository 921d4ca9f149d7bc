import { type RowOf, tableFormat } from './table-format.js';

/** `design/<run>.parquet`: a row per prompt, in the order of presentation. */
export const eventTable = tableFormat({
  /** Name of the run: `ses-01_task-paleontology`. */
  run: 'text',
  /** Session (repetition) of the study, from 1. */
  session: 'int32',
  /** Task that the run presents. */
  task: 'text',
  /** Place of the prompt in the run, from 0. */
  prompt: 'int32',
  /** Block of the run, from 0: off, on, off, … */
  block: 'int32',
  /** `task` (on) or `rest` (off). */
  condition: 'text',
  prompt_id: 'text',
  topic: 'text',
  form: 'text',
  text: 'text',
});

export type Event = RowOf<typeof eventTable>;

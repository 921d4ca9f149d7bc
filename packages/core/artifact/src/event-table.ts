import type { Source } from './byte-source.js';
import { type Columns, type Row, readTable } from './table.js';
import { writeTable } from './table-writer.js';

/** Columns of `design/<run>.parquet`: a row per prompt, in the order of presentation. */
export const eventColumns = {
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
} as const satisfies Columns;

export type Event = Row<typeof eventColumns>;

export const writeEvents = (path: string, events: readonly Event[]) => writeTable(path, eventColumns, events);
export const readEvents = (source: Source): Promise<Event[]> => readTable(source, eventColumns);

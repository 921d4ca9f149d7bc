import type { Source } from './byte-source.js';
import { type Columns, type Row, readTable } from './table.js';
import { writeTable } from './table-writer.js';

/** A table of records: its columns, and how it is written and read. */
export interface TableFormat<C extends Columns> {
  columns: C;
  write(path: string, rows: readonly Row<C>[]): Promise<void>;
  /** @throws as `readTable` */
  read(source: Source): Promise<Row<C>[]>;
}

/** A row of a table. */
export type RowOf<Format> = Format extends TableFormat<infer C> ? Row<C> : never;

export function tableFormat<const C extends Columns>(columns: C): TableFormat<C> {
  return {
    columns,
    write: (path, rows) => writeTable(path, columns, rows),
    read: (source) => readTable(source, columns),
  };
}

import type { Source } from '../byte-source.js';
import { type BinaryTable, type ColumnValues, requirePlausible, type TableColumn } from './column.js';
import { openBinaryTable } from './open-table.js';

/** A cell of a column that holds neither numbers, flags nor text. */
export class UnreadCell {
  constructor(readonly type: string) {}
}

export type Cell = number | bigint | boolean | string | null | UnreadCell;

/** A binary table read whole. */
export interface RecordTable {
  columns: TableColumn[];
  rows: number;
  /** The cell of a row in a column. */
  cell(row: number, column: number): Cell;
}

/** Reads a binary table whole. @throws as `openBinaryTable` */
export async function readRecords(source: Source): Promise<RecordTable> {
  const table = await openBinaryTable(source);
  try {
    return await recordsOf(table);
  } finally {
    await table.close();
  }
}

async function recordsOf(table: BinaryTable): Promise<RecordTable> {
  const { columns, batches } = table;
  const read = columns.flatMap(({ kind, list }, c) => (kind === 'other' || list ? [] : [c]));
  const place = columns.map((_, c) => read.indexOf(c));
  const starts: number[] = [];
  const parts: ColumnValues[][] = [];
  let rows = 0;
  for (const [b, count] of batches.entries()) {
    if (count === 0) continue;
    starts.push(rows);
    parts.push(await table.read(b, read));
    rows += count;
  }
  if (read.length === 0) requirePlausible(table.path, rows, 0);
  let part = 0;
  return {
    columns,
    rows,
    cell(row, column) {
      if (place[column] < 0) return new UnreadCell(columns[column].type);
      if (row < starts[part]) part = 0;
      while (part + 1 < starts.length && row >= starts[part + 1]) part++;
      const values = parts[part][place[column]];
      const at = row - starts[part];
      return values.kind === 'number' ? (values.exact.get(at) ?? values.values[at]) : values.values[at];
    },
  };
}

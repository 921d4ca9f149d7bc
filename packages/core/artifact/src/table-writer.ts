import { writeFileWhole } from './atomic.js';
import { canonicalNumber } from './canonical-nan.js';
import type { Columns, ColumnType, Row } from './table.js';

const physical = { int32: 'INT32', float64: 'DOUBLE', text: 'UTF8', flag: 'BOOLEAN' } as const;

/**
 * Writes records as Parquet, whole or not at all. One row group in 100,000 rows, no compression: any reader opens it.
 * Not for arrays indexed by unit, which are Arrow (see activation-file.ts and map-file.ts).
 * @throws Failure that names the file, where the system refuses: a full disk, no permission
 */
export function writeTable<C extends Columns>(path: string, columns: C, rows: readonly Row<C>[]): Promise<void> {
  const named = Object.entries(columns).map(([name, type]) => ({
    name,
    type,
    value: (row: number) => rows[row][name],
  }));
  return writeNamedTable(path, named, rows.length);
}

/** A column whose name the code may not know beforehand. */
export interface NamedColumn {
  name: string;
  type: ColumnType;
  value(row: number): string | number | boolean;
}

/** Writes columns as Parquet like `writeTable`, whatever their names. */
export async function writeNamedTable(path: string, columns: readonly NamedColumn[], rows: number): Promise<void> {
  if (new Set(columns.map(({ name }) => name)).size < columns.length)
    throw new RangeError(`two columns of ${path} have one name`);
  await writeFileWhole(path, await encodeTable(columns, rows));
}

/** The bytes of a table, in pieces. They are few beside the rows, and an error of the disk is then ours to see. */
export async function encodeTable(columns: readonly NamedColumn[], rows: number): Promise<Uint8Array[]> {
  // Loaded where it is needed, for threads and commands without tables, and without its reader, which is on a client of S3.
  const [{ ParquetSchema }, { ParquetWriter }] = await Promise.all([
    import('parquetjs/dist/lib/schema.js'),
    import('parquetjs/dist/lib/writer.js'),
  ]);
  // No statistics: those of parquetjs order text by UTF-16 and take a NaN for a bound, and readers skip rows by them.
  const fields = columns.map(({ type }, c) => [inner(c), { type: physical[type], statistics: false }]);
  const schema = new ParquetSchema(Object.fromEntries(fields));
  for (const [c, field] of schema.fieldList.entries()) {
    const { name } = columns[c];
    field.name = name;
    field.path = Object.defineProperty([name], 'join', { value: () => inner(c) });
  }
  const pieces: Uint8Array[] = [];
  const sink = {
    write(piece: Uint8Array, done: () => void) {
      pieces.push(piece);
      done();
    },
    end: (done: () => void) => done(),
  };
  const writer = await ParquetWriter.openStream(schema, sink as never, { rowGroupSize: 100_000 });
  const cell = ({ type, value }: NamedColumn, row: number) =>
    type === 'float64' ? canonicalNumber(value(row) as number) : value(row);
  for (let row = 0; row < rows; row++)
    await writer.appendRow(Object.fromEntries(columns.map((column, c) => [inner(c), cell(column, row)])));
  await writer.close();
  return pieces;
}

/** What parquetjs calls a column: it looks names up in plain objects, where `constructor`, `__proto__` and `10` go wrong. */
const inner = (column: number) => `c${column}`;

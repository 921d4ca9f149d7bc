import { Failure, UserMistake } from '@galvani/terminal';
import { writeWhole } from './atomic.js';
import { readRecords } from './binary-table/read-records.js';

/** Column types of a table. `int32` and `float64` are numbers, `text` is UTF-8, `flag` a boolean. */
export type ColumnType = 'int32' | 'float64' | 'text' | 'flag';
export type Columns = Readonly<Record<string, ColumnType>>;
/** A row of a table with these columns. */
export type Row<C extends Columns> = {
  -readonly [K in keyof C]: C[K] extends 'text' ? string : C[K] extends 'flag' ? boolean : number;
};

/** Loaded where it is needed: a fifth of a second that threads and commands without tables do not spend. */
const loadParquet = async () => (await import('parquetjs')).default;

const physical = { int32: 'INT32', float64: 'DOUBLE', text: 'UTF8', flag: 'BOOLEAN' } as const;

/**
 * Writes records as Parquet, whole or not at all. One row group in 100,000 rows, no compression: any reader opens it.
 * Not for arrays indexed by unit, which are Arrow (see activation-file.ts and map-file.ts).
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

/**
 * Writes columns as Parquet like `writeTable`, whatever their names.
 *
 * parquetjs keeps columns in objects by their names, and so mistakes `constructor` for something of its own, loses
 * `__proto__` and puts 1 before 10. Here it knows them by their places, and is told the names when all rows are encoded.
 */
export async function writeNamedTable(path: string, columns: readonly NamedColumn[], rows: number): Promise<void> {
  const names = columns.map(({ name }) => name);
  if (new Set(names).size < names.length) throw new RangeError(`two columns of ${path} have one name`);
  const parquet = await loadParquet();
  const schema = new parquet.ParquetSchema(
    Object.fromEntries(columns.map(({ type }, j) => [String(j), { type: physical[type] }])),
  );
  await writeWhole(path, async (temporary) => {
    const writer = await parquet.ParquetWriter.openFile(schema, temporary, { rowGroupSize: 100_000 });
    for (let row = 0; row < rows; row++)
      await writer.appendRow(Object.fromEntries(columns.map(({ value }, j) => [String(j), value(row)])));
    const file = writer.envelopeWriter!;
    const writeFooter = file.writeFooter.bind(file);
    file.writeFooter = (metadata) => {
      // The paths in the row groups' metadata are these arrays.
      for (const [j, field] of schema.fieldList.entries()) {
        field.name = names[j];
        field.path[0] = names[j];
      }
      return writeFooter(metadata);
    };
    await writer.close();
  });
}

/**
 * Reads a table that galvani or somebody else wrote. Further columns are ignored.
 * @throws Failure if the file is missing, is not Parquet, or lacks one of `columns`.
 */
export async function readTable<C extends Columns>(path: string, columns: C): Promise<Row<C>[]> {
  const table = await readOwn(path);
  const wanted = Object.entries(columns).map(([name, type]) => {
    const c = table.columns.findIndex((column) => column.name === name);
    if (c < 0)
      throw new Failure(
        `${path} has no column '${name}'; it has: ${table.columns.map((each) => each.name).join(', ')}.`,
      );
    const { kind } = table.columns[c];
    if (kind !== kinds[type])
      throw new Failure(`${path}: column '${name}' is ${table.columns[c].type}, and ${type} is wanted.`);
    return { name, c };
  });
  return Array.from({ length: table.rows }, (_, row) =>
    Object.fromEntries(
      wanted.map(({ name, c }) => {
        const cell = table.cell(row, c);
        if (cell === null) throw new Failure(`${path}, row ${row + 1}: column '${name}' is empty.`);
        return [name, cell];
      }),
    ),
  ) as Row<C>[];
}

const kinds = { int32: 'number', float64: 'number', text: 'text', flag: 'flag' } as const;

const readOwn = (path: string) =>
  readRecords(path).catch((cause: Error) => {
    throw cause instanceof UserMistake ? new Failure(cause.message, { cause }) : cause;
  });

/** Reads a table whatever its columns. Integers come as numbers where they are exact. @throws Failure as `readTable` */
export async function readAnyTable(path: string): Promise<{ names: string[]; rows: Record<string, unknown>[] }> {
  const table = await readOwn(path);
  const names = table.columns.map(({ name }) => name);
  const rows = Array.from({ length: table.rows }, (_, row) =>
    Object.fromEntries(names.map((name, c) => [name, table.cell(row, c)])),
  );
  return { names, rows };
}

import { Failure, UserMistake } from '@galvani/terminal';
import { readRecords } from './binary-table/read-records.js';
import { pathOf, type Source } from './byte-source.js';

/** Column types of a table. `int32` and `float64` are numbers, `text` is UTF-8, `flag` a boolean. */
export type ColumnType = 'int32' | 'float64' | 'text' | 'flag';
export type Columns = Readonly<Record<string, ColumnType>>;
/** A row of a table with these columns. */
export type Row<C extends Columns> = {
  -readonly [K in keyof C]: C[K] extends 'text' ? string : C[K] extends 'flag' ? boolean : number;
};

/**
 * Reads a table that galvani or somebody else wrote. Further columns are ignored.
 * @throws Failure if the file is missing, is not Parquet, or lacks one of `columns`.
 */
export async function readTable<C extends Columns>(source: Source, columns: C): Promise<Row<C>[]> {
  const path = pathOf(source);
  const table = await readOwn(source);
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

const readOwn = (source: Source) =>
  readRecords(source).catch((cause: Error) => {
    throw cause instanceof UserMistake ? new Failure(cause.message, { cause }) : cause;
  });

/** Reads a table whatever its columns. Integers come as numbers where they are exact. @throws Failure as `readTable` */
export async function readAnyTable(source: Source): Promise<{ names: string[]; rows: Record<string, unknown>[] }> {
  const table = await readOwn(source);
  const names = table.columns.map(({ name }) => name);
  const rows = Array.from({ length: table.rows }, (_, row) =>
    Object.fromEntries(names.map((name, c) => [name, table.cell(row, c)])),
  );
  return { names, rows };
}

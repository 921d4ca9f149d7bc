import { readRecords, UnreadCell } from '@galvani/artifact';
import { Failure, openRegularFile, readWholeFile, UserMistake } from '@galvani/terminal';
import { parseDelimited } from './delimited-text.js';

/** A user-supplied table: events, confounds, a prompt bank. */
export interface UserTable {
  path: string;
  names: string[];
  /** Columns in which pandas keeps the index of a frame: they may be asked for by name, and are no data otherwise. */
  index: ReadonlySet<string>;
  rows: UserRow[];
}

export interface UserRow {
  /** `events.csv:3`, or `events.parquet, row 2`. */
  where: string;
  /** Cells by column as they stand in the file: text, or what the column of a binary file holds. */
  cells: ReadonlyMap<string, unknown>;
}

export interface UserTableOptions {
  /** Whether white space around the fields of text is cut off. Default: true. */
  trim?: boolean;
  /** Sentence where nothing is at the path. */
  missing?: string;
}

/** Most bytes of a table of text. */
const largest = 512 << 20;

/**
 * Reads CSV (RFC 4180), TSV (`.tsv`, `.txt`), Parquet or Arrow with a header. Binary files are known by their first bytes.
 * @throws UserMistake that names the file, and the line where there is one
 */
export async function readUserTable(path: string, options: UserTableOptions = {}): Promise<UserTable> {
  const { missing } = options;
  if (await isBinaryTable(path, missing)) return binaryTable(path);
  return parseUserTable(await readWholeFile(path, { largest, missing }), path, options);
}

async function isBinaryTable(path: string, missing: string | undefined): Promise<boolean> {
  const file = await openRegularFile(path, { missing });
  try {
    const start = Buffer.alloc(8);
    const { bytesRead } = await file.read(start, 0, 8, 0);
    const text = start.subarray(0, bytesRead).toString('latin1');
    if (text.startsWith('PK\x03\x04'))
      throw new UserMistake(`${path} is a spreadsheet or another archive: save the table as CSV (UTF-8).`);
    if (text.startsWith('\x1f\x8b')) throw new UserMistake(`${path} is compressed with gzip: unpack it first.`);
    return (
      /^(PAR[1E]|ARROW1|FEA1|\xff\xff\xff\xff)/.test(text) || /\.(parquet|pq|arrow|feather|ipc|arrows)$/i.test(path)
    );
  } finally {
    await file.close();
  }
}

async function binaryTable(path: string): Promise<UserTable> {
  const table = await readRecords(path).catch((cause: Error) => {
    throw cause instanceof Failure ? new UserMistake(cause.message, { cause }) : cause;
  });
  const names = table.columns.map(({ name }) => name);
  return {
    path,
    names,
    index: new Set(table.columns.flatMap(({ name, index }) => (index ? [name] : []))),
    rows: Array.from({ length: table.rows }, (_, row) => ({
      where: `${path}, row ${row + 1}`,
      cells: new Map(names.map((name, c) => [name, table.cell(row, c)])),
    })),
  };
}

/** The same of the text of a CSV or TSV file; `path` is named in messages and says which of the two it is. */
export function parseUserTable(content: string | Uint8Array, path: string, options: UserTableOptions = {}): UserTable {
  const { names, records } = parseDelimited(content, path, options);
  return {
    path,
    names,
    index: new Set(),
    rows: records.map(({ line, fields }) => ({
      where: `${path}:${line}`,
      cells: new Map(names.map((name, i) => [name, fields[i]])),
    })),
  };
}

/**
 * Checks that a table has the columns `wanted`; `optional` ones it may have.
 * @throws UserMistake that lists what is missing and what is there, or names a column that differs from one of these in case
 * or white space alone, so that it would go unread
 */
export function requireColumns(
  { path, names }: UserTable,
  wanted: readonly string[],
  what: string,
  optional: readonly string[] = [],
): void {
  const missing = wanted.filter((name) => !names.includes(name));
  const plain = (name: string) => name.trim().toLowerCase();
  const alike = names.find(
    (name) => ![...wanted, ...optional].includes(name) && [...wanted, ...optional].includes(plain(name)),
  );
  if (missing.length > 0)
    throw new UserMistake(
      `${path} lacks the column${missing.length > 1 ? 's' : ''} ${missing.join(', ')}; ${what} ${wanted.length > 1 ? 'need' : 'needs'} ${wanted.join(', ')}. It has: ${names.join(', ')}.${alike === undefined ? '' : ` Is '${alike}' the column ${plain(alike)}? Then write it so.`}`,
    );
  if (alike !== undefined)
    throw new UserMistake(
      `${path}: the column '${alike}' is not '${plain(alike)}', which ${names.includes(plain(alike)) ? 'is there too' : 'would be read'}: rename it.`,
    );
}

/** A cell. @throws UserMistake if it holds neither number, flag nor text */
function readCell({ where, cells }: UserRow, name: string): unknown {
  const cell = cells.get(name);
  if (cell instanceof UnreadCell)
    throw new UserMistake(`${where}: ${name} holds ${cell.type}; numbers, flags and text are read.`);
  return cell;
}

/**
 * The columns that hold data: all but the index of a pandas frame.
 * @throws UserMistake where a column has no name, since pandas so writes the index of a frame as text
 */
export function dataColumns({ path, names, index }: UserTable): string[] {
  const nameless = names.find((name) => name.trim() === '' || /^Unnamed: \d+$/.test(name));
  if (nameless !== undefined)
    throw new UserMistake(
      `${path} has a column ${nameless.trim() === '' ? 'without a name' : `'${nameless}'`}, as pandas writes the index of a frame: leave it out (index=False), or name it.`,
    );
  return names.filter((name) => !index.has(name));
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A cell as a finite number; a flag is 1 or 0. @throws UserMistake with file and line */
export function numberCell({ where, cells }: UserRow, name: string): number {
  const cell = readCell({ where, cells }, name);
  const text = typeof cell === 'string' ? cell.trim() : undefined;
  const value =
    text === undefined
      ? typeof cell === 'number' || typeof cell === 'boolean' || (typeof cell === 'bigint' && isFloat64(cell))
        ? Number(cell)
        : Number.NaN
      : decimal.test(text)
        ? Number(text)
        : Number.NaN;
  if (Number.isFinite(value)) return value;
  if (typeof cell === 'bigint')
    throw new UserMistake(`${where}: ${name} is ${cell}, which float64 rounds; give a number that it holds.`);
  const was = cell === undefined || cell === null || text === '' ? 'is empty' : `is '${cell}'`;
  throw new UserMistake(`${where}: ${name} ${was}; it must be a finite number.`);
}

/** Whether an integer is a float64 as it is: all up to 2^53 are, and beyond it multiples of 2, 4 and so on. */
const isFloat64 = (integer: bigint) => BigInt(Number(integer)) === integer;

/** A cell as text, without white space at its ends; empty where there is none. */
export function textCell(row: UserRow, name: string): string {
  return exactText(row, name).trim();
}

/** A cell as text as it stands in the file; empty where there is none. */
export function exactText(row: UserRow, name: string): string {
  const cell = readCell(row, name);
  return cell === undefined || cell === null ? '' : String(cell);
}

/** What tables write for a missing value: BIDS `n/a`, pandas, R and SQL the rest (the list that pandas reads as missing). */
const missingValues = new Set(
  '|#N/A|#N/A N/A|#NA|-1.#IND|-1.#QNAN|-NaN|-nan|1.#IND|1.#QNAN|<NA>|N/A|NA|NULL|NaN|None|n/a|nan|null'.split('|'),
);

/** A cell that names something. @throws UserMistake with file and line where the value is missing, in whatever writing */
export function nameCell(row: UserRow, name: string, need: string): string {
  const text = textCell(row, name);
  if (text === '') throw new UserMistake(`${row.where}: ${name} is empty; ${need}.`);
  if (missingValues.has(text))
    throw new UserMistake(`${row.where}: ${name} is '${text}', which tables write for a missing value; ${need}.`);
  return text;
}

/** Whether text is what tables write for a missing value. */
export function isMissing(text: string): boolean {
  return missingValues.has(text);
}

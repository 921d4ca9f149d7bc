import { readAnyTable } from '@galvani/artifact';
import { readWholeFile, UserMistake } from '@galvani/terminal';
import { parseDelimited } from './delimited-text.js';

/** A table that a person brings along: events, confounds, a prompt bank. */
export interface PersonalTable {
  path: string;
  names: string[];
  rows: PersonalRow[];
}

export interface PersonalRow {
  /** `events.csv:3`, or `events.parquet, row 2`. */
  where: string;
  /** Cells by column as they stand in the file: text, or what the column of a binary file holds. */
  cells: ReadonlyMap<string, unknown>;
}

export interface PersonalTableOptions {
  /** Whether white space around the fields of text is cut off. Default: true. */
  trim?: boolean;
  /** Sentence where nothing is at the path. */
  missing?: string;
}

/** Most bytes of a table of text. */
const largest = 512 << 20;

/**
 * Reads CSV (RFC 4180), TSV (`.tsv`, `.txt`) or Parquet (`.parquet`) with a header.
 * @throws UserMistake that names the file, and the line where there is one
 */
export async function readPersonalTable(path: string, options: PersonalTableOptions = {}): Promise<PersonalTable> {
  if (path.endsWith('.parquet')) {
    const { names, rows } = await readAnyTable(path).catch((cause: Error) => {
      throw new UserMistake(cause.message, { cause });
    });
    return {
      path,
      names,
      rows: rows.map((cells, i) => ({ where: `${path}, row ${i + 1}`, cells: new Map(Object.entries(cells)) })),
    };
  }
  return parsePersonalTable(await readWholeFile(path, { largest, missing: options.missing }), path, options);
}

/** The same of the text of a CSV or TSV file; `path` is named in messages and says which of the two it is. */
export function parsePersonalTable(
  content: string | Uint8Array,
  path: string,
  options: PersonalTableOptions = {},
): PersonalTable {
  const { names, records } = parseDelimited(content, path, options);
  return {
    path,
    names,
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
  { path, names }: PersonalTable,
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

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A cell as a finite number; a flag is 1 or 0. @throws UserMistake with file and line */
export function numberCell({ where, cells }: PersonalRow, name: string): number {
  const cell = cells.get(name);
  const text = typeof cell === 'string' ? cell.trim() : undefined;
  const value =
    text === undefined
      ? typeof cell === 'number' || typeof cell === 'boolean'
        ? Number(cell)
        : Number.NaN
      : decimal.test(text)
        ? Number(text)
        : Number.NaN;
  if (Number.isFinite(value)) return value;
  const was = cell === undefined || cell === null || text === '' ? 'is empty' : `is '${cell}'`;
  throw new UserMistake(`${where}: ${name} ${was}; it must be a finite number.`);
}

/** A cell as text, without white space at its ends; empty where there is none. */
export function textCell(row: PersonalRow, name: string): string {
  return exactText(row, name).trim();
}

/** A cell as text as it stands in the file; empty where there is none. */
export function exactText({ cells }: PersonalRow, name: string): string {
  const cell = cells.get(name);
  return cell === undefined || cell === null ? '' : String(cell);
}

/** What tables write for a missing value: BIDS `n/a`, pandas, R and SQL the rest (the list that pandas reads as missing). */
const missingValues = new Set(
  '|#N/A|#N/A N/A|#NA|-1.#IND|-1.#QNAN|-NaN|-nan|1.#IND|1.#QNAN|<NA>|N/A|NA|NULL|NaN|None|n/a|nan|null'.split('|'),
);

/** A cell that names something. @throws UserMistake with file and line where the value is missing, in whatever writing */
export function nameCell(row: PersonalRow, name: string, need: string): string {
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

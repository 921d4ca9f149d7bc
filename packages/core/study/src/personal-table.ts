import { readFile } from 'node:fs/promises';
import { readAnyTable } from '@galvani/artifact';
import { UserMistake } from '@galvani/terminal';
import { parse } from 'csv-parse/sync';

/** A table that a person brings along. */
export interface PersonalTable {
  path: string;
  names: string[];
  /** Cells as they stand in the file, and where: `events.csv:3`. */
  rows: { where: string; cells: Record<string, unknown> }[];
}

/**
 * Reads CSV (RFC 4180), TSV (`.tsv`, `.txt`) or Parquet (`.parquet`) with a header.
 * @throws UserMistake that names the file, and the line where there is one
 */
export async function readPersonalTable(path: string): Promise<PersonalTable> {
  if (path.endsWith('.parquet')) {
    const { names, rows } = await readAnyTable(path).catch((cause: Error) => {
      throw new UserMistake(cause.message, { cause });
    });
    return { path, names, rows: rows.map((cells, i) => ({ where: `${path}, row ${i + 1}`, cells })) };
  }
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new UserMistake(
      cause.code === 'ENOENT' ? `${path} does not exist.` : `${path} cannot be read: ${cause.message}.`,
      { cause },
    );
  });
  return parsePersonalTable(text, path);
}

/** Checks the text of a CSV or TSV file; `path` is named in messages and says which of the two it is. */
export function parsePersonalTable(text: string, path: string): PersonalTable {
  const delimiter = /\.(tsv|txt)$/i.test(path) ? '\t' : ',';
  let records: { record: string[]; info: { lines: number } }[];
  try {
    records = parse(text, {
      bom: true,
      skip_empty_lines: true,
      info: true,
      delimiter,
      trim: true,
    }) as unknown as typeof records;
  } catch (cause) {
    throw new UserMistake(
      `${path} is not ${delimiter === ',' ? 'CSV' : 'TSV'}: ${(cause as Error).message.replace(/\.$/, '')}.`,
      { cause },
    );
  }
  const [header, ...body] = records;
  if (header === undefined) throw new UserMistake(`${path} is empty; its first line names the columns.`);
  const names = header.record;
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new UserMistake(`${path}:1: the column '${twice}' is there twice.`);
  return {
    path,
    names,
    rows: body.map(({ record, info }) => ({
      where: `${path}:${info.lines}`,
      cells: Object.fromEntries(names.map((name, i) => [name, record[i]])),
    })),
  };
}

/** @throws UserMistake that lists what is missing and what is there */
export function requireColumns({ path, names }: PersonalTable, wanted: readonly string[], what: string): void {
  const missing = wanted.filter((name) => !names.includes(name));
  if (missing.length > 0)
    throw new UserMistake(
      `${path} lacks the column${missing.length > 1 ? 's' : ''} ${missing.join(', ')}; ${what} ${wanted.length > 1 ? 'need' : 'needs'} ${wanted.join(', ')}. It has: ${names.join(', ')}.`,
    );
}

/** A cell as a finite number. @throws UserMistake with file and line */
export function numberCell({ where, cells }: PersonalTable['rows'][number], name: string): number {
  const cell = cells[name];
  const value = typeof cell === 'number' ? cell : typeof cell === 'string' && cell !== '' ? Number(cell) : Number.NaN;
  if (Number.isFinite(value)) return value;
  const was = cell === undefined || cell === null || cell === '' ? 'is empty' : `is '${cell}'`;
  throw new UserMistake(`${where}: ${name} ${was}; it must be a finite number.`);
}

/** A cell as text, trimmed; empty where there is none. */
export function textCell({ cells }: PersonalTable['rows'][number], name: string): string {
  const cell = cells[name];
  return cell === undefined || cell === null ? '' : String(cell).trim();
}

import {
  type ActivationColumn,
  type BinaryTable,
  type ColumnValues,
  openBinaryTable,
  type TableColumn,
} from '@galvani/artifact';
import { Failure, openRegularFile, UserMistake } from '@galvani/terminal';
import type { SiteBatch } from '../fit/row-source.js';
import { openNpy } from './npy.js';

/** A user-supplied series: a row a volume (token, scan, sample), a column a unit. */
export interface SeriesFile {
  path: string;
  /** Sites, and the units of each; a plain column is a site of one unit. */
  columns: ActivationColumn[];
  rows: number;
  /** Rows in order. */
  batches(): AsyncIterable<SiteBatch>;
  close(): Promise<void>;
}

/** Values that a batch of a .npy file holds. */
const chunkValues = 4e6;

/**
 * Opens a series: `.npy` (rows x units), or a table in Parquet or Arrow IPC (file or stream), whose columns are units: numbers of
 * any width, decimals and flags, and in Arrow fixed-size lists of numbers, beside which other columns, such as a token's
 * position, are no units. A missing value is NaN; the index of a pandas frame is no unit.
 *
 * @throws UserMistake that says what is wrong with the file
 */
export async function openSeries(path: string): Promise<SeriesFile> {
  if (path.endsWith('.npy')) return npySeries(path);
  await requireTable(path);
  return tableSeries(path);
}

/** @throws UserMistake for a file that neither its name nor its first bytes call Parquet or Arrow */
async function requireTable(path: string): Promise<void> {
  const file = await openRegularFile(path);
  const start = Buffer.alloc(8);
  const { bytesRead } = await file.read(start, 0, 8, 0).finally(() => file.close());
  const text = start.subarray(0, bytesRead).toString('latin1');
  if (/^(PAR[1E]|ARROW1|FEA1|\xff\xff\xff\xff)/.test(text) || /\.(parquet|pq|arrow|arrows|feather|ipc)$/i.test(path))
    return;
  const found = text.startsWith('PK')
    ? 'an archive, as numpy.savez writes them: save the array itself with numpy.save'
    : /\.(csv|tsv|txt)$/i.test(path)
      ? 'a table of text: write it as Parquet (pandas: to_parquet), or its numbers with numpy.save'
      : 'none of these';
  throw new UserMistake(
    `${path}: a series is read from .npy, Parquet or Arrow IPC (file or stream), and this is ${found}.`,
  );
}

async function npySeries(path: string): Promise<SeriesFile> {
  const file = await openNpy(path);
  const columns = [{ site: 'series', kind: 'other', width: file.units }];
  return {
    path,
    columns,
    rows: file.rows,
    async *batches() {
      let firstRow = 0;
      for await (const values of file.chunks(Math.max(1, Math.floor(chunkValues / file.units)))) {
        const rows = values.length / file.units;
        yield { firstRow, rows, values: [values] };
        firstRow += rows;
      }
    },
    close: file.close,
  };
}

async function tableSeries(path: string): Promise<SeriesFile> {
  const table = await asMistake(openBinaryTable(path));
  try {
    const rows = table.batches.reduce((sum, count) => sum + count, 0);
    if (rows === 0) throw new UserMistake(`${path} has no rows.`);
    const places = unitColumns(table);
    const columns = places.map((c) => table.columns[c]);
    return {
      path,
      columns: columns.map(({ name, metadata, width }) => ({
        site: name,
        kind: metadata.get('kind') ?? 'other',
        width,
      })),
      rows,
      async *batches() {
        let firstRow = 0;
        for (const [b, count] of table.batches.entries()) {
          if (count === 0) continue;
          const found = await asMistake(table.read(b, places));
          const values = found.map((own, c) => unitValues(own, columns[c], path, firstRow));
          yield { firstRow, rows: count, values };
          firstRow += count;
        }
      },
      close: table.close,
    };
  } catch (error) {
    await table.close();
    throw error;
  }
}

/** Columns that are units: all but pandas' index; only the lists where there are lists. */
function unitColumns({ path, columns }: BinaryTable): number[] {
  const lists = columns.some(({ list }) => list);
  const places = columns.flatMap(({ list, index }, c) => (index || (lists && !list) ? [] : [c]));
  if (places.length === 0)
    throw new UserMistake(`${path} has no columns${columns.length > 0 ? ' but the index of a pandas frame' : ''}.`);
  for (const c of places) {
    const { name, kind, type } = columns[c];
    if (kind !== 'number' && kind !== 'flag')
      throw new UserMistake(
        `${path}: column '${name}' holds ${type}; every column of a series is a unit and holds numbers (or, in Arrow, fixed-size lists of them). Leave it out.`,
      );
  }
  return places;
}

/** Numbers of a column; what is missing is NaN, and flags are 1 and 0. @throws UserMistake for an integer that float64 rounds */
function unitValues(
  found: ColumnValues,
  { name, width }: TableColumn,
  path: string,
  firstRow: number,
): Float32Array | Float64Array {
  if (found.kind !== 'number')
    return Float64Array.from(found.values as (boolean | null)[], (value) =>
      value === null ? Number.NaN : Number(value),
    );
  const odd = [...found.exact].find(([at, value]) => BigInt(found.values[at]) !== value);
  if (odd) {
    const [at, value] = odd;
    throw new UserMistake(
      `${path}, row ${firstRow + Math.floor(at / width) + 1}: column '${name}' holds ${value}, which float64 rounds: subtract a constant, or convert the column yourself.`,
    );
  }
  return found.values;
}

/** What is wrong with a file that a person names is a mistake of theirs. */
function asMistake<T>(work: Promise<T>): Promise<T> {
  return work.catch((cause: Error) => {
    throw cause instanceof Failure ? new UserMistake(cause.message, { cause }) : cause;
  });
}

import { type ActivationColumn, openArrowFile, readAnyTable } from '@galvani/artifact';
import { decodeFloat16 } from '@galvani/numerics';
import { UserMistake } from '@galvani/terminal';
import type { SiteBatch } from '../site-diagnostics.js';
import { openNpy } from './npy.js';

/** A series that a person brings along: a row a volume (token, scan, sample), a column a unit. */
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
 * Opens a series: `.npy` (rows x units), `.parquet` (numeric columns), or Arrow IPC (columns that are fixed-size lists of
 * float16, float32 or float64, or plain floats; numbers that stand beside lists, such as a token's position, are no units).
 * @throws UserMistake that says what is wrong with the file
 */
export async function openSeries(path: string): Promise<SeriesFile> {
  if (path.endsWith('.npy')) return npySeries(path);
  if (path.endsWith('.parquet')) return parquetSeries(path);
  return arrowSeries(path);
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

async function parquetSeries(path: string): Promise<SeriesFile> {
  const { names, rows } = await readAnyTable(path).catch((cause: Error) => {
    throw new UserMistake(cause.message, { cause });
  });
  if (rows.length === 0) throw new UserMistake(`${path} has no rows.`);
  const values = names.map((name) =>
    Float64Array.from(rows, (row, r) => {
      const value = row[name];
      if (typeof value !== 'number')
        throw new UserMistake(
          `${path}, row ${r + 1}: column '${name}' holds ${value === null || value === undefined ? 'nothing' : `'${value}'`}; every column of a series is a unit and holds numbers.`,
        );
      return value;
    }),
  );
  return {
    path,
    columns: names.map((site) => ({ site, kind: 'other', width: 1 })),
    rows: rows.length,
    async *batches() {
      yield { firstRow: 0, rows: rows.length, values };
    },
    close: async () => undefined,
  };
}

async function arrowSeries(path: string): Promise<SeriesFile> {
  const file = await openArrowFile(path).catch((cause: Error) => {
    throw new UserMistake(`${cause.message} A series is .npy, .parquet or Arrow IPC.`, { cause });
  });
  const { fields } = file.schema;
  const lists = fields.filter((field) => 'listSize' in field.type);
  const used = lists.length > 0 ? lists : fields;
  const places = used.map((field) => fields.indexOf(field));
  const read = async function* () {
    let firstRow = 0;
    for await (const batch of file.batches()) {
      const rows = batch.numRows;
      const values = places.map((place, c) => {
        const data = batch.data.children[place];
        const width = widthOf(used[c].type);
        const own = lists.length > 0 ? data.children[0] : data;
        if (data.nullCount > 0 || own.nullCount > 0)
          throw new UserMistake(`${path}: column '${used[c].name}' has missing values; write NaN instead.`);
        return floats(own, rows * width, path, used[c].name);
      });
      yield { firstRow, rows, values };
      firstRow += rows;
    }
  };
  try {
    if (used.length === 0)
      throw new UserMistake(`${path} is not an Arrow file with columns. A series is .npy, .parquet or Arrow IPC.`);
    let rows = 0;
    for await (const batch of read()) rows += batch.rows;
    if (rows === 0) throw new UserMistake(`${path} has no rows.`);
    return {
      path,
      columns: used.map((field) => ({
        site: field.name,
        kind: field.metadata.get('kind') ?? 'other',
        width: widthOf(field.type),
      })),
      rows,
      batches: read,
      close: file.close,
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

const widthOf = (type: object) => ('listSize' in type ? (type.listSize as number) : 1);

function floats(
  { type, values }: { type: object; values: unknown },
  length: number,
  path: string,
  column: string,
): Float32Array | Float64Array {
  if (values instanceof Float32Array || values instanceof Float64Array) return values.subarray(0, length);
  // Half floats come as 16-bit integers; only types of real numbers have a precision and no scale.
  if (values instanceof Uint16Array && 'precision' in type && !('scale' in type))
    return decodeFloat16(values.subarray(0, length));
  throw new UserMistake(
    `${path}: column '${column}' does not hold float16, float32 or float64, nor fixed-size lists of them.`,
  );
}

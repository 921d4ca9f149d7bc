import { decodeFloat16, encodeFloat16, firstInfiniteFloat16 } from '@galvani/numerics';
import { Failure } from '@galvani/terminal';
import { Field, FixedSizeList, Float16, Float32, Int32, makeData, RecordBatch, Schema, Struct } from 'apache-arrow';
import { type ActivationColumn, readColumn, type Storage, storageOf } from './activation-column.js';
import { openArrowFile } from './arrow/open-arrow.js';
import { type ArrowFileWriter, createArrowFile } from './arrow-file.js';
import { pathOf, type Source } from './byte-source.js';
import type { Checksum } from './checksum.js';
import type { BatchMessage } from './gathering-writer.js';

/** A column of plain numbers ahead of the sites, in a file that stands alone: position, token_id, log_probability. */
export interface ScalarColumn {
  name: string;
  type: 'int32' | 'float32';
}

/** What an activation file of a run does not need. */
export interface ActivationFileOptions {
  /** Plain columns ahead of the sites. Default: none. */
  scalars?: readonly ScalarColumn[];
  /** Whether the checksum is computed. Default: true. */
  checksum?: boolean;
  /** Whether the disk confirms the file before it gets its name; see createArrowFile. Default: true. */
  durable?: boolean;
  /** Whether a finite number beyond float16 is stored as the largest that it holds, 65504 or -65504, in place of a failure. Default: false. */
  saturate?: boolean;
}

/** Numbers of a site, rows x width, row-major: float32, or the bits of float16. */
export type ActivationValues = Float32Array | Uint16Array;

/** What one `append` takes. */
export interface ActivationRows {
  rows: number;
  values: readonly ActivationValues[];
  scalars?: readonly ScalarValues[];
}

/** An activation file being written: a row per generated token, a column per site (FixedSizeList<float>[width]). */
export interface ActivationWriter {
  /**
   * Appends `rows` rows: for each site, in the order of the columns, an array of rows x width, row-major; a float16 file takes
   * float32 too, and rounds it. `scalars` holds the scalar columns' values, if the file has any. When the promise resolves the
   * arrays may be reused.
   * @throws Failure that names the site and unit if a value does not fit in float16, unless the file saturates.
   */
  append(rows: number, values: readonly ActivationValues[], scalars?: readonly ScalarValues[]): Promise<void>;
  /** The same for several batches, in one request to the disk. */
  appendAll(batches: readonly ActivationRows[]): Promise<void>;
  /** Ends the file. `order`: the appended batches in the order of their rows, if they came in another. */
  finish(order?: readonly number[]): Promise<Checksum<'xxh3'>>;
  abandon(): Promise<void>;
}

/** Starts `<run>/<layer>.arrow`, or `<run>/means.arrow`. */
export async function createActivationFile(
  path: string,
  columns: readonly ActivationColumn[],
  storage: Storage,
  { scalars: scalarColumns = [], checksum, durable, saturate = false }: ActivationFileOptions = {},
): Promise<ActivationWriter> {
  const leading = scalarColumns.map(
    ({ name, type }) => new Field(name, type === 'int32' ? new Int32() : new Float32(), false),
  );
  const fields = columns.map(
    ({ site, kind, width, layer }) =>
      new Field(
        site,
        new FixedSizeList(width, new Field('unit', valueType(storage))),
        false,
        new Map([['kind', kind], ...(layer === undefined ? [] : [['layer', layer] as const])]),
      ),
  );
  const all: Field[] = [...leading, ...fields];
  const schema = new Schema(all, new Map([['galvani', 'activations']]));
  const file: ArrowFileWriter<'xxh3'> = await createArrowFile(path, schema, 'xxh3', { checksum, durable });
  const messages = new Map<number, BatchMessage>();
  const batchOf = (rows: number, numbers: ScalarValues[], activations: ActivationValues[]) => {
    const children = activations.map((data, c) => {
      const child =
        data instanceof Float32Array
          ? makeData({ type: new Float32(), data, nullCount: 0 })
          : makeData({ type: new Float16(), data, nullCount: 0 });
      return makeData({ type: fields[c].type, length: rows, nullCount: 0, child });
    });
    const type = new Struct(all);
    const struct = makeData({ type, length: rows, nullCount: 0, children: [...numbers.map(scalarData), ...children] });
    return new RecordBatch(schema, struct);
  };
  const add = ({ rows, values, scalars = [] }: ActivationRows) => {
    const numbers = scalars.map((each) => each.subarray(0, rows));
    const activations = columns.map((column, c) => {
      const data = values[c].subarray(0, rows * column.width);
      return storage === 'float16' ? halves(data, column, saturate) : data;
    });
    const message = messages.get(rows);
    if (message) file.addLike(message, [...numbers, ...activations]);
    else messages.set(rows, file.add(batchOf(rows, numbers, activations)));
  };
  const appendAll = async (batches: readonly ActivationRows[]) => {
    for (const batch of batches) add(batch);
    await file.flush();
  };
  return {
    append: (rows, values, scalars) => appendAll([{ rows, values, scalars }]),
    appendAll,
    finish: (order) => file.finish(order),
    abandon: () => file.abandon(),
  };
}

type ScalarValues = Int32Array | Float32Array;

function scalarData(data: ScalarValues) {
  return data instanceof Int32Array
    ? makeData({ type: new Int32(), data, nullCount: 0 })
    : makeData({ type: new Float32(), data, nullCount: 0 });
}

function valueType(storage: Storage) {
  return storage === 'float32' ? new Float32() : new Float16();
}

const largestHalf = 0x7bff;

function halves(data: ActivationValues, column: ActivationColumn, saturate: boolean): Uint16Array {
  const out = data instanceof Uint16Array ? data : new Uint16Array(data.length);
  const at = data instanceof Uint16Array ? firstInfiniteFloat16(data) : encodeFloat16(data, out);
  if (at < 0) return out;
  if (saturate && data instanceof Float32Array) {
    // Infinity itself stays what it is.
    for (let i = at; i < data.length; i++)
      if ((out[i] & 0x7fff) === 0x7c00 && Number.isFinite(data[i])) out[i] = (out[i] & 0x8000) | largestHalf;
    return out;
  }
  const reached = data instanceof Uint16Array ? 'more than 65504' : `${data[at]}`;
  throw new Failure(
    `unit ${at % column.width} of ${column.site} reached ${reached}, which float16 (at most 65504) cannot hold. Set storage: float32.`,
  );
}

/** Rows of an activation file that lie together on disk. */
export interface ActivationBatch {
  /** Rows before this batch. */
  firstRow: number;
  rows: number;
  /** For each column, rows x width, row-major. Valid until the next batch. */
  values: Float32Array[];
}

/** An activation file being read. */
export interface ActivationReader {
  /** For messages. */
  path: string;
  columns: ActivationColumn[];
  storage: Storage;
  batches(): AsyncIterable<ActivationBatch>;
  close(): Promise<void>;
}

/** Opens an activation file, its own or anybody's Arrow file whose columns are FixedSizeList<float32 or float16>. */
export async function openActivationFile(source: Source): Promise<ActivationReader> {
  const path = pathOf(source);
  const file = await openArrowFile(source);
  const found = file.schema.fields.map((field) => readColumn(path, field));
  const columns = found.map(({ column }) => column);
  return {
    path,
    columns,
    storage: storageOf(found.map(({ bytes }) => bytes)),
    async *batches() {
      let firstRow = 0;
      for await (const { rows, columns: data } of file.batches()) {
        const values = columns.map(({ width, site }, c) => {
          const stored = data[c].children[0].values as Float32Array | Uint16Array;
          if (data[c].length !== rows || stored.length < rows * width)
            throw new Failure(`${path} is damaged (${site} is shorter than its rows).`);
          const own = stored.subarray(0, rows * width);
          return own instanceof Float32Array ? own : decodeFloat16(own);
        });
        yield { firstRow, rows, values };
        firstRow += rows;
      }
    },
    close: file.close,
  };
}

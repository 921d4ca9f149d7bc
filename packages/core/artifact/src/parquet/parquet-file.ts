import { Failure } from '@galvani/terminal';
import { DataType } from 'apache-arrow';
import {
  type FileMetaData,
  type ColumnChunk as ParquetChunk,
  parquetMetadata,
  type RowGroup,
  type SchemaElement,
} from 'hyparquet';
import { messagePrefix } from '../arrow/arrow-layout.js';
import { decodeMessage } from '../arrow/arrow-metadata.js';
import {
  type BinaryTable,
  type ColumnValues,
  damaged,
  requirePlausible,
  type TableColumn,
} from '../binary-table/column.js';
import { pandasIndex } from '../binary-table/pandas-index.js';
import { type ByteSource, readRange } from '../byte-source.js';
import { isReadCompression } from '../compression/decompress.js';
import { decodeColumnChunk } from './column-chunk.js';
import { columnType } from './column-type.js';

/** Values of a row group, over all columns asked for: 2 GB of float64. */
const mostValues = 2 ** 28;

/**
 * Opens Parquet. A batch is a row group.
 * @throws Failure if it is none, is damaged, or is encrypted
 */
export async function openParquet(source: ByteSource): Promise<BinaryTable> {
  const { path, size } = source;
  const end = await readRange(source, Math.max(0, size - 8), Math.min(8, size));
  const magic = Buffer.from(end.subarray(-4)).toString('latin1');
  if (magic === 'PARE') throw new Failure(`${path} is encrypted, which is not read: write it without encryption.`);
  const length = size < 12 ? 0 : new DataView(end.buffer, end.byteOffset).getUint32(0, true);
  if (magic !== 'PAR1' || length === 0 || length > size - 12)
    throw new Failure(`${path} is not a readable Parquet file: it does not end as one, so it is cut short or none.`);
  const footer = await readRange(source, size - 8 - length, length + 8);
  try {
    const metadata = parquetMetadata(footer, { geoparquet: false });
    const elements = topLevel(metadata.schema);
    const columns = describe(metadata, elements, path);
    const groups = metadata.row_groups;
    const batches = groups.map(({ num_rows }) => whole(num_rows));
    if (batches.reduce((sum, rows) => sum + rows, 0) !== whole(metadata.num_rows))
      throw new Error('its row groups have another number of rows than the file');
    const stored = columns.filter(({ kind }) => kind !== 'other').length;
    requirePlausible(path, whole(metadata.num_rows) * stored, size);
    const chunks = groups.map(chunksByName);
    const read = async (batch: number, wanted: readonly number[]): Promise<ColumnValues[]> => {
      const values = batches[batch] * wanted.length;
      if (values > mostValues)
        throw new Failure(
          `${path}: a row group holds ${values} values, and at most ${mostValues} are read at once: write it with smaller row groups.`,
        );
      const out: ColumnValues[] = [];
      for (const c of wanted)
        out.push(await readChunk(source, chunks[batch].get(elements[c].name), batches[batch], elements[c]));
      return out;
    };
    return {
      path,
      columns,
      batches,
      read: (batch, wanted) =>
        read(batch, wanted).catch((cause) => {
          throw damaged(path, cause);
        }),
      close: () => source.close(),
    };
  } catch (cause) {
    throw damaged(path, cause);
  }
}

function describe(metadata: FileMetaData, elements: readonly SchemaElement[], path: string): TableColumn[] {
  const names = elements.map(({ name }) => name);
  const said = (wanted: string) => metadata.key_value_metadata?.find(({ key }) => key === wanted)?.value;
  const index = pandasIndex(said('pandas'), names, path);
  const durations = durationColumns(said('ARROW:schema'));
  return elements.map((element) => {
    const { kind, type } = durations.has(element.name)
      ? ({ kind: 'other', type: 'duration' } as const)
      : columnType(element);
    const { name } = element;
    return { name, kind, type, width: 1, list: false, index: index.has(name), metadata: new Map() };
  });
}

/** Columns of time differences. Parquet has no such type; Arrow writes plain integers, and its own schema beside them. */
function durationColumns(schema: string | undefined): Set<string> {
  if (schema === undefined) return new Set();
  try {
    const bytes = Uint8Array.from(Buffer.from(schema, 'base64'));
    const prefix = messagePrefix(bytes);
    const message = decodeMessage(bytes.subarray(prefix.bytes, prefix.bytes + prefix.length));
    const fields = message.kind === 'schema' ? message.schema.fields : [];
    return new Set(fields.filter(({ type }) => DataType.isDuration(type)).map(({ name }) => name));
  } catch {
    // Some of Arrow's types are unknown here, and Parquet's own schema says all else.
    return new Set();
  }
}

/** The columns of a schema, which is a tree written depth first; those that are nested without what they hold. */
function topLevel(schema: readonly SchemaElement[]): SchemaElement[] {
  const found: SchemaElement[] = [];
  const skip = (at: number): number => {
    if (at >= schema.length) throw new Error('its schema ends early');
    let next = at + 1;
    for (let i = 0; i < (schema[at].num_children ?? 0); i++) next = skip(next);
    return next;
  };
  const wanted = schema[0]?.num_children ?? 0;
  for (let at = 1; found.length < wanted; at = skip(at)) {
    if (at >= schema.length || schema[at].name === undefined) throw new Error('its schema ends early');
    found.push(schema[at]);
  }
  return found;
}

/** The columns of a row group that are not nested. */
function chunksByName({ columns }: RowGroup): Map<string, ParquetChunk> {
  const flat = columns.filter(({ meta_data }) => meta_data === undefined || meta_data.path_in_schema.length === 1);
  return new Map(flat.map((chunk) => [chunk.meta_data?.path_in_schema[0] ?? '', chunk]));
}

async function readChunk(
  source: ByteSource,
  chunk: ParquetChunk | undefined,
  rows: number,
  element: SchemaElement,
): Promise<ColumnValues> {
  const { path } = source;
  const { name } = element;
  if (chunk === undefined || chunk.crypto_metadata || chunk.encrypted_column_metadata)
    throw new Failure(`${path}: column '${name}' is encrypted or missing: write the file without encryption.`);
  const meta = chunk.meta_data;
  if (meta === undefined) throw new Error(`column '${name}' is not in every row group`);
  if (chunk.file_path) throw new Failure(`${path} keeps its columns in other files: read those instead.`);
  if (meta.type !== element.type) throw new Error(`column '${name}' has two types`);
  if (!isReadCompression(meta.codec))
    throw new Failure(
      `${path}: column '${name}' is in the compression ${meta.codec}, which is not read: write it with zstd or without.`,
    );
  const data = whole(meta.data_page_offset);
  const dictionary = whole(meta.dictionary_page_offset ?? 0n);
  const start = dictionary > 0 && dictionary < data ? dictionary : data;
  const bytes = await readRange(source, start, whole(meta.total_compressed_size));
  try {
    const largestPage = Math.max(64 << 20, 1100 * bytes.length);
    return decodeColumnChunk(bytes, { element, codec: meta.codec, rows, largestPage });
  } catch (cause) {
    if (cause instanceof Failure)
      throw new Failure(
        `${path}: column '${name}' is written with ${cause.message}, which is not read: write it again without choosing encodings.`,
        { cause },
      );
    throw new Error(`column '${name}': ${(cause as Error).message}`, { cause });
  }
}

function whole(value: bigint | number): number {
  const number = Number(value);
  if (!(Number.isSafeInteger(number) && number >= 0)) throw new Error(`${value} where a count should be`);
  return number;
}

import { crc32 } from 'node:zlib';
import { Failure } from '@galvani/terminal';
import type { PageHeader, SchemaElement } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import type { ColumnValues } from '../binary-table/column.js';
import { valueSink } from '../binary-table/value-sink.js';
import { decompressPage } from '../compression/decompress.js';
import { columnType } from './column-type.js';
import { isReadEncoding, type PhysicalValues, readRuns, readValues } from './encoded-values.js';

/** One column of a row group. */
export interface ColumnChunk {
  element: SchemaElement;
  codec: string;
  rows: number;
  /** Most bytes that a page of it may decompress to. */
  largestPage: number;
}

type Value = number | bigint | boolean | string | null;

/**
 * Decodes a column chunk of a table without nesting: a dictionary page, perhaps, and data pages of either version.
 * Source: https://github.com/apache/parquet-format
 *
 * @throws Error if it is damaged, Failure if it is written in a way that is not read
 */
export function decodeColumnChunk(bytes: Uint8Array, chunk: ColumnChunk): ColumnValues {
  const { element, rows } = chunk;
  const { kind, value } = columnType(element);
  if (kind === 'other') throw new Error('a column without values that are read');
  const sink = valueSink(kind, rows);
  const logical = value as (physical: PhysicalValues[number]) => Value;
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
  let dictionary: Value[] | undefined;
  while (sink.length < rows) {
    if (reader.offset >= bytes.length) throw new Error(`a column ends after ${sink.length} of ${rows} rows`);
    const header = parquetHeader(reader);
    const body = bodyOf(bytes, reader, header, chunk.largestPage);
    if (header.type === 'DICTIONARY_PAGE') {
      const page = ownBuffer(decompressPage(chunk.codec, body, header.uncompressed_page_size));
      const count = header.dictionary_page_header?.num_values ?? -1;
      if (!(count >= 0 && count <= 8 * page.length)) throw new Error('a dictionary holds more values than bytes');
      dictionary = Array.from(readValues(page, 0, count, physical(element, 'PLAIN')), logical);
    } else if (header.type === 'DATA_PAGE' || header.type === 'DATA_PAGE_V2') {
      const { present, page, offset, encoding, count, valuesCount } = dataPage(header, body, chunk);
      if (count > rows - sink.length) throw new Error('a column has more values than rows');
      const indexed = encoding.endsWith('_DICTIONARY');
      const values = indexed
        ? readIndexes(page, offset, valuesCount)
        : readValues(page, offset, valuesCount, physical(element, encoding));
      const at = indexed ? fromDictionary(values as number[], dictionary) : (i: number) => logical(values[i]);
      let next = 0;
      for (let i = 0; i < count; i++) sink.add(present === undefined || present[i] === 1 ? at(next++) : null);
    } else if (header.type !== 'INDEX_PAGE') throw new Error(`a page of type ${header.type}`);
  }
  return sink.finish();
}

const physical = (element: SchemaElement, encoding: string) => {
  if (!isReadEncoding(encoding)) throw new Failure(`the encoding ${encoding}`);
  return { encoding, type: element.type ?? 'INT32', length: element.type_length };
};

/** The bytes of a page, in which the reader is left after them. */
function bodyOf(bytes: Uint8Array, reader: { offset: number }, header: PageHeader, largest: number): Uint8Array {
  const { compressed_page_size: size, uncompressed_page_size: whole, crc } = header;
  const start = reader.offset;
  if (!(size >= 0 && start + size <= bytes.length)) throw new Error('a page is longer than its column');
  if (!(whole >= 0 && whole <= largest)) throw new Error(`a page of ${size} bytes is said to hold ${whole}`);
  reader.offset += size;
  const body = bytes.subarray(start, reader.offset);
  if (crc !== undefined && (crc32(body) | 0) !== (crc | 0)) throw new Error('a page differs from its checksum');
  return body;
}

interface DataPage {
  /** For each row whether it has a value; undefined where all have. */
  present: ArrayLike<number> | undefined;
  page: Uint8Array;
  /** Where values begin in the page. */
  offset: number;
  encoding: string;
  count: number;
  valuesCount: number;
}

function dataPage(header: PageHeader, body: Uint8Array, { element, codec }: ColumnChunk): DataPage {
  const optional = element.repetition_type === 'OPTIONAL';
  const { data_page_header: one, data_page_header_v2: two } = header;
  const count = (one ?? two)?.num_values ?? -1;
  const encoding = (one ?? two)?.encoding ?? 'unknown';
  // Every value takes at least a bit of a level or of a run's header, and a run stands for many.
  if (count < 0) throw new Error('a page without values');
  if (one !== undefined) {
    const page = ownBuffer(decompressPage(codec, body, header.uncompressed_page_size));
    if (!optional) return { present: undefined, page, offset: 0, encoding, count, valuesCount: count };
    if (one.definition_level_encoding !== 'RLE')
      throw new Failure(`levels in the encoding ${one.definition_level_encoding}`);
    const reader = { view: viewOf(page), offset: 0 };
    const present = readRuns(reader, count, 1, undefined);
    return { present, page, offset: reader.offset, encoding, count, valuesCount: ones(present) };
  }
  if (two === undefined) throw new Error('a page without a header');
  const levels = two.definition_levels_byte_length + two.repetition_levels_byte_length;
  if (!(two.definition_levels_byte_length >= 0 && two.repetition_levels_byte_length >= 0 && levels <= body.length))
    throw new Error('levels are longer than their page');
  const reader = { view: viewOf(body), offset: two.repetition_levels_byte_length };
  const present = optional ? readRuns(reader, count, 1, two.definition_levels_byte_length) : undefined;
  const rest = body.subarray(levels);
  const page = ownBuffer(
    two.is_compressed === false ? rest : decompressPage(codec, rest, header.uncompressed_page_size - levels),
  );
  return { present, page, offset: 0, encoding, count, valuesCount: present ? ones(present) : count };
}

function readIndexes(page: Uint8Array, offset: number, count: number): number[] {
  if (count === 0) return [];
  if (offset >= page.length) throw new Error('a page ends before its values');
  return readRuns({ view: viewOf(page), offset: offset + 1 }, count, page[offset], page.length - offset - 1);
}

function fromDictionary(indexes: readonly number[], dictionary: readonly Value[] | undefined): (i: number) => Value {
  return (i) => {
    const value = dictionary?.[indexes[i]];
    if (value === undefined) throw new Error('a value is not in its dictionary');
    return value;
  };
}

const ones = (levels: readonly number[]) => levels.reduce((sum, level) => sum + (level === 1 ? 1 : 0), 0);
const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Decoders that read typed arrays go by the buffer, not by the part of it that is the page. */
const ownBuffer = (page: Uint8Array) => (page.byteLength === page.buffer.byteLength ? page : new Uint8Array(page));

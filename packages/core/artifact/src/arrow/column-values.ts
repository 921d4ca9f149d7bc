import { decodeFloat16 } from '@galvani/numerics';
import { type Data, DataType, type Dictionary, type Field, Precision } from 'apache-arrow';
import type { ColumnValues, TableColumn } from '../binary-table/column.js';
import { decimalValue, signedInteger } from '../binary-table/decimal.js';
import { valueSink } from '../binary-table/value-sink.js';

/** What the values of a type are read as. */
export function kindOf(type: DataType): TableColumn['kind'] {
  if (DataType.isDictionary(type)) return kindOf(type.dictionary);
  if (DataType.isFixedSizeList(type)) return kindOf(type.children[0].type) === 'number' ? 'number' : 'other';
  if (DataType.isInt(type) || DataType.isFloat(type) || DataType.isDecimal(type) || DataType.isNull(type))
    return 'number';
  if (DataType.isBool(type)) return 'flag';
  return DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isUtf8View(type) ? 'text' : 'other';
}

/** A field as a column. */
export function arrowColumn(field: Field, index: ReadonlySet<string>): TableColumn {
  const { name, type, metadata } = field;
  const list = DataType.isFixedSizeList(type);
  const width = list ? type.listSize : 1;
  // A list of nothing has no numbers, and lists inside lists have no units.
  const flat = !list || (width > 0 && !DataType.isFixedSizeList(type.children[0].type));
  return {
    name,
    kind: flat ? kindOf(type) : 'other',
    type: String(type),
    width,
    list,
    index: index.has(name),
    metadata,
  };
}

/**
 * The values of a column of `rows` rows. Its buffers are held against its length first: views of damaged ones end early, and
 * what is missing would be read as nothing.
 *
 * @throws Error if the column is damaged
 */
export function columnValues(data: Data, rows: number): ColumnValues {
  if (data.length !== rows) throw new Error(`a column of ${data.length} rows in a batch of ${rows}`);
  const { type } = data;
  if (DataType.isFixedSizeList(type)) {
    const [child] = data.children;
    if (!(child.length >= rows * type.listSize)) throw new Error('a list is shorter than its rows');
    const found = numbers(child, rows * type.listSize);
    const present = validity(data, rows);
    if (present === undefined) return found;
    const values = Float64Array.from(found.values, (value, i) =>
      present(Math.floor(i / type.listSize)) ? value : Number.NaN,
    );
    return { ...found, values };
  }
  if (DataType.isDictionary(type)) return fromDictionary(data as Data<Dictionary>, rows);
  const kind = kindOf(type);
  if (kind === 'number') return numbers(data, rows);
  if (kind === 'other') throw new Error('a column without values that are read');
  const sink = valueSink(kind, rows);
  const present = validity(data, rows);
  const value = kind === 'flag' ? flags(data, rows) : texts(data, rows);
  for (let r = 0; r < rows; r++) sink.add(present?.(r) === false ? null : value(r));
  return sink.finish();
}

/** Numbers of a column, without copying where they are floats and all there. */
function numbers(data: Data, count: number): Extract<ColumnValues, { kind: 'number' }> {
  const { type } = data;
  if (DataType.isNull(type))
    return { kind: 'number', values: new Float64Array(count).fill(Number.NaN), exact: new Map() };
  if (DataType.isDictionary(type))
    return fromDictionary(data as Data<Dictionary>, count) as Extract<ColumnValues, { kind: 'number' }>;
  const present = validity(data, count);
  if (DataType.isFloat(type)) {
    const stored = need(data.values as Float32Array | Float64Array | Uint16Array, count);
    const values = type.precision === Precision.HALF ? decodeFloat16(stored as Uint16Array) : (stored as Float32Array);
    if (present === undefined) return { kind: 'number', values, exact: new Map() };
    return {
      kind: 'number',
      values: Float64Array.from(values, (value, i) => (present(i) ? value : Number.NaN)),
      exact: new Map(),
    };
  }
  const sink = valueSink('number', count);
  const value = DataType.isDecimal(type) ? decimals(data, type, count) : integers(data, count);
  for (let i = 0; i < count; i++) sink.add(present?.(i) === false ? null : value(i));
  return sink.finish() as Extract<ColumnValues, { kind: 'number' }>;
}

function integers(data: Data, count: number): (i: number) => number | bigint {
  const values = need(data.values as Int32Array | BigInt64Array, count);
  return (i) => {
    const value = values[i];
    return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;
  };
}

function decimals(
  data: Data,
  { bitWidth, scale }: { bitWidth: number; scale: number },
  count: number,
): (i: number) => number {
  const { buffer, byteOffset, byteLength } = data.values as Uint32Array;
  const width = bitWidth / 8;
  const bytes = need(new Uint8Array(buffer, byteOffset, byteLength), count * width);
  return (i) => decimalValue(signedInteger(bytes.subarray(i * width, (i + 1) * width), true), scale);
}

function flags(data: Data, rows: number): (r: number) => boolean {
  const bits = need(data.values as Uint8Array, Math.ceil(rows / 8));
  return (r) => ((bits[r >> 3] >> (r & 7)) & 1) === 1;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function texts(data: Data, rows: number): (r: number) => string {
  if (DataType.isUtf8View(data.type)) return viewedTexts(data, rows);
  const bytes = data.values as Uint8Array;
  const offsets = rows === 0 ? [] : need(data.valueOffsets as Int32Array | BigInt64Array, rows + 1);
  return (r) => {
    const [from, until] = [Number(offsets[r]), Number(offsets[r + 1])];
    if (!(from >= 0 && from <= until && until <= bytes.length)) throw new Error('a text lies outside its column');
    return utf8.decode(bytes.subarray(from, until));
  };
}

/** Texts of up to 12 bytes stand in their views; longer ones in a buffer of their column. */
function viewedTexts(data: Data, rows: number): (r: number) => string {
  const stored = data.values as Uint8Array;
  const bytes = need(stored, 16 * rows);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return (r) => {
    const length = view.getInt32(16 * r, true);
    if (length >= 0 && length <= 12) return utf8.decode(bytes.subarray(16 * r + 4, 16 * r + 4 + length));
    const buffer = data.variadicBuffers[view.getInt32(16 * r + 8, true)];
    const from = view.getInt32(16 * r + 12, true);
    if (!(buffer !== undefined && length > 0 && from >= 0 && from + length <= buffer.length))
      throw new Error('a text lies outside its column');
    return utf8.decode(buffer.subarray(from, from + length));
  };
}

type Value = number | bigint | boolean | string | null;

function fromDictionary(data: Data<Dictionary>, rows: number): ColumnValues {
  const kind = kindOf(data.type);
  if (kind === 'other') throw new Error('a column without values that are read');
  const entries = (data.dictionary?.data ?? []).flatMap((chunk): Value[] => {
    const found = columnValues(chunk, chunk.length);
    return found.kind === 'number'
      ? Array.from(found.values, (value, i) => found.exact.get(i) ?? value)
      : (found.values as (string | boolean | null)[]);
  });
  const present = validity(data, rows);
  const indexes = need(data.values as Int32Array | BigInt64Array, rows);
  const sink = valueSink(kind, rows);
  for (let r = 0; r < rows; r++) {
    const index = Number(indexes[r]);
    const missing = present?.(r) === false;
    if (!missing && !(index >= 0 && index < entries.length)) throw new Error('a value is not in its dictionary');
    sink.add(missing ? null : entries[index]);
  }
  return sink.finish();
}

/** Tells which values are there; undefined where all are. */
function validity(data: Data, count: number): ((i: number) => boolean) | undefined {
  if (data.nullCount === 0 || data.nullBitmap === undefined || data.nullBitmap.length === 0) {
    if (data.nullCount > 0) throw new Error('a column does not say which of its values are missing');
    return undefined;
  }
  const bits = need(data.nullBitmap as Uint8Array, Math.ceil(count / 8));
  return (i) => ((bits[i >> 3] >> (i & 7)) & 1) === 1;
}

/** The first `count` of some values. @throws Error if there are not so many */
function need<T extends { length: number; subarray(from: number, until: number): T }>(values: T, count: number): T {
  if (values === undefined || values.length < count) throw new Error('a column is shorter than its rows');
  return values.subarray(0, count);
}

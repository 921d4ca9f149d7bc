import {
  Field,
  Float32,
  Float64,
  Int8,
  Int32,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableToIPC,
  Uint8,
} from 'apache-arrow';

export type ColumnValues = Float64Array | Float32Array | Int32Array | Int8Array | Uint8Array;

/** A column by itself as an Arrow IPC stream, called `value`. */
export function columnFile(data: ColumnValues): Uint8Array {
  const type = typeOf(data);
  const schema = new Schema([new Field('value', type, false)]);
  const children = [makeData({ type, data, nullCount: 0 } as never)];
  const rows = makeData({ type: new Struct(schema.fields), length: data.length, nullCount: 0, children } as never);
  return tableToIPC(new Table(schema, new RecordBatch(schema, rows as never)), 'stream');
}

function typeOf(data: ColumnValues) {
  if (data instanceof Float64Array) return new Float64();
  if (data instanceof Float32Array) return new Float32();
  if (data instanceof Int32Array) return new Int32();
  return data instanceof Int8Array ? new Int8() : new Uint8();
}

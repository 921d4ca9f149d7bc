import { decodeFloat16 } from '@galvani/numerics';
import type { SchemaElement } from 'hyparquet';
import type { TableColumn } from '../binary-table/column.js';
import { decimalValue, signedInteger } from '../binary-table/decimal.js';

/** How a column's physical values are read: as numbers (big integers where a float64 cannot hold them), flags or text. */
export interface ColumnType extends Pick<TableColumn, 'kind' | 'type'> {
  value: (physical: never) => number | bigint | boolean | string;
}

const same = (value: never) => value;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const text = (bytes: Uint8Array) => utf8.decode(bytes);

/**
 * What the values of a column of a table without nesting are.
 * Source: https://github.com/apache/parquet-format/blob/master/LogicalTypes.md
 */
export function columnType(element: SchemaElement): ColumnType {
  const { type, converted_type, logical_type } = element;
  const logical = logical_type?.type ?? converted_type;
  const other = (name: string): ColumnType => ({ kind: 'other', type: name, value: same });
  if (element.num_children) return other(logical === 'LIST' || logical === 'MAP' ? logical.toLowerCase() : 'struct');
  if (element.repetition_type === 'REPEATED') return other('list');
  if (type === undefined) return other('unknown');
  if (logical === 'DECIMAL') return decimal(element);
  if (type === 'BOOLEAN') return { kind: 'flag', type: 'boolean', value: same };
  if (type === 'INT96') return other('timestamp');
  if (/^(DATE|TIME|INTERVAL|UUID|BSON|GEO|VARIANT)/.test(logical ?? '')) return other(named(element));
  if (type === 'INT32' || type === 'INT64') return integer(element);
  if (type === 'FLOAT' || type === 'DOUBLE') return { kind: 'number', type: type.toLowerCase(), value: same };
  if (logical === 'FLOAT16') return { kind: 'number', type: 'float16', value: float16 as ColumnType['value'] };
  // Bytes that nobody says are text are text in files of old writers; what is not UTF-8 is refused.
  if (type === 'BYTE_ARRAY') return { kind: 'text', type: 'text', value: text as ColumnType['value'] };
  return other(`bytes[${element.type_length}]`);
}

function integer({ type, converted_type, logical_type }: SchemaElement): ColumnType {
  const unsigned =
    logical_type?.type === 'INTEGER' ? !logical_type.isSigned : (converted_type?.startsWith('UINT') ?? false);
  const name = `${unsigned ? 'u' : ''}${type?.toLowerCase()}`;
  if (type === 'INT32')
    return {
      kind: 'number',
      type: name,
      value: unsigned ? (((value: number) => value >>> 0) as ColumnType['value']) : same,
    };
  const exact = (value: bigint) => {
    const whole = unsigned ? BigInt.asUintN(64, value) : value;
    return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole;
  };
  return { kind: 'number', type: name, value: exact as ColumnType['value'] };
}

function decimal({ logical_type, scale = 0, precision }: SchemaElement): ColumnType {
  const places = logical_type?.type === 'DECIMAL' ? logical_type.scale : scale;
  const value = (physical: number | bigint | Uint8Array) =>
    decimalValue(typeof physical === 'object' ? signedInteger(physical, false) : physical, places);
  return { kind: 'number', type: `decimal(${precision},${places})`, value: value as ColumnType['value'] };
}

const float16 = (bytes: Uint8Array) => decodeFloat16(Uint16Array.of(bytes[0] | (bytes[1] << 8)))[0];

function named({ converted_type, logical_type }: SchemaElement): string {
  const unit = logical_type && 'unit' in logical_type ? `[${logical_type.unit.toLowerCase()}]` : '';
  return `${(logical_type?.type ?? converted_type ?? 'unknown').toLowerCase().replace('_', ' ')}${unit}`;
}

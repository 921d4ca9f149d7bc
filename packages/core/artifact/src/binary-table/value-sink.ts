import type { ColumnValues } from './column.js';

/** Gathers the values of a column one after another. */
export interface ValueSink {
  /** Values taken. */
  readonly length: number;
  add(value: number | bigint | boolean | string | null): void;
  finish(): ColumnValues;
}

/** A sink for `rows` values of a kind. */
export function valueSink(kind: ColumnValues['kind'], rows: number): ValueSink {
  return kind === 'number' ? numberSink(rows) : listSink(kind);
}

function numberSink(rows: number): ValueSink {
  const values = new Float64Array(rows);
  const exact = new Map<number, bigint>();
  let length = 0;
  return {
    get length() {
      return length;
    },
    add(value) {
      if (typeof value === 'bigint') exact.set(length, value);
      values[length++] = value === null ? Number.NaN : Number(value);
    },
    finish: () => ({ kind: 'number', values, exact }),
  };
}

function listSink(kind: 'flag' | 'text'): ValueSink {
  const values: (boolean | string | null)[] = [];
  return {
    get length() {
      return values.length;
    },
    add(value) {
      values.push(value as boolean | string | null);
    },
    finish: () => ({ kind, values }) as ColumnValues,
  };
}

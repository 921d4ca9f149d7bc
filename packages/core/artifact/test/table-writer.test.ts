import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { type Columns, writeNamedTable, writeTable } from '@galvani/artifact';
import { Failure } from '@galvani/terminal';
import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeTable } from '../src/table-writer.js';
import { anyNaN } from './any-nan.js';

let folder: string;
let duck: DuckDBConnection;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'galvani-table-writer-'));
  duck = await (await DuckDBInstance.create(':memory:')).connect();
});
afterAll(async () => {
  duck.closeSync();
  await rm(folder, { recursive: true, force: true });
});

const at = (name: string) => join(folder, name);
const columns = { value: 'float64' } as const satisfies Columns;

/** How many rows DuckDB finds, which skips what a file's statistics say it may skip. */
async function count(path: string, where: string): Promise<number> {
  const found = await duck.runAndReadAll(`select count(*)::int as n from '${path}' where ${where}`);
  return found.getRowObjects()[0].n as number;
}

test('the same values give the same bytes, whatever the bits of their NaN', async () => {
  const value = fc.oneof(fc.double(), fc.constant('NaN' as const));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(value, anyNaN(Float64Array), anyNaN(Float64Array)), { minLength: 1, maxLength: 20 }),
      async (cells) => {
        const written = (k: 1 | 2) =>
          encodeTable(
            [
              {
                name: 'value',
                type: 'float64',
                value: (row) => (cells[row][0] === 'NaN' ? cells[row][k] : cells[row][0]) as number,
              },
            ],
            cells.length,
          );
        expect(await written(1)).toEqual(await written(2));
      },
    ),
    { numRuns: 40 },
  );
});

test.each([
  ['first', [Number.NaN, 1, 2]],
  ['in the middle', [1, Number.NaN, 2]],
  ['last', [1, 2, Number.NaN]],
])('DuckDB, to which NaN is the largest number, finds rows beside one that is %s', async (_, values) => {
  await writeTable(
    at('bounds.parquet'),
    columns,
    values.map((value) => ({ value })),
  );
  expect(await count(at('bounds.parquet'), 'value < 1.5')).toBe(1);
  expect(await count(at('bounds.parquet'), 'value > 5')).toBe(1);
  expect(await count(at('bounds.parquet'), 'isnan(value)')).toBe(1);
});

test('text is found whatever the order of its letters: UTF-16 sorts an emoji before a wide letter, UTF-8 after it', async () => {
  await writeTable(at('text.parquet'), { text: 'text' }, [{ text: '😀' }, { text: 'Ａ' }, { text: 'b' }]);
  for (const text of ['😀', 'Ａ', 'b']) expect(await count(at('text.parquet'), `text = '${text}'`)).toBe(1);
});

test('any name names a column', async () => {
  const names = ['constructor', '__proto__', 'toString', 'a,b', 'a.b', '10', 'é'];
  const named = names.map((name, c) => ({
    name,
    type: 'float64' as const,
    value: (row: number) => (row === 0 ? 1 : 10) * c,
  }));
  await writeNamedTable(at('names.parquet'), named, 2);
  const bytes = await readFile(at('names.parquet'));
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const found = await duck.runAndReadAll(`select * from '${at('names.parquet')}'`);
  const cells = (row: number) => new Map(found.columnNames().map((name, c) => [name, found.getRows()[row][c]]));
  expect(cells(0)).toEqual(new Map(names.map((name, c) => [name, c])));
  expect(cells(1)).toEqual(new Map(names.map((name, c) => [name, 10 * c])));
  const rows = await parquetReadObjects({ file, columns: ['a,b', 'constructor'] });
  expect(rows.map((row) => row['a,b'])).toEqual([3, 30]);
});

test('many rows are several row groups', async () => {
  const rows = Array.from({ length: 100_001 }, (_, value) => ({ value }));
  await writeTable(at('many.parquet'), columns, rows);
  const sums = await duck.runAndReadAll(
    `select sum(value)::double as s, count(*)::int as n from '${at('many.parquet')}'`,
  );
  expect(sums.getRowObjects()).toEqual([{ s: 5_000_050_000, n: 100_001 }]);
});

test('a row that lacks a column leaves nothing behind', async () => {
  const rows = [{ value: 1 }, {}] as { value: number }[];
  await expect(writeTable(at('lacking/table.parquet'), columns, rows)).rejects.toThrow('missing required field: value');
  expect(await readdir(folder)).not.toContain('lacking');
});

test('where a table cannot be written a sentence says so', async () => {
  await writeTable(at('file.parquet'), columns, []);
  const written = writeTable(at('file.parquet/inside.parquet'), columns, [{ value: 1 }]);
  await expect(written).rejects.toThrow(Failure);
  await expect(written).rejects.toThrow(/inside\.parquet could not be written: .* Nothing half-written was kept\./);
});

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { type Columns, readTable, writeTable } from '@galvani/artifact';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'galvani-table-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const columns = { name: 'text', count: 'int32', value: 'float64', yes: 'flag' } as const satisfies Columns;
const row = fc.record({
  name: fc.string({ unit: 'grapheme' }),
  count: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  value: fc.double(),
  yes: fc.boolean(),
});

test('any table survives the round trip, here and in another reader', async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 40 }), async (rows) => {
      const path = join(folder, 'any.parquet');
      await writeTable(path, columns, rows);
      expect(await readTable(path, columns)).toEqual(rows);
      const found = await connection.runAndReadAll(`select * from '${path}'`);
      expect(found.getRowObjects()).toEqual(rows);
    }),
    { numRuns: 30 },
  );
  connection.closeSync();
});

test('the same rows give the same bytes', async () => {
  const rows = [{ name: 'é', count: 1, value: 0.5, yes: true }];
  await writeTable(join(folder, 'one.parquet'), columns, rows);
  await writeTable(join(folder, 'two.parquet'), columns, rows);
  expect(await readFile(join(folder, 'one.parquet'))).toEqual(await readFile(join(folder, 'two.parquet')));
});

test('DuckDB opens it', async () => {
  const path = join(folder, 'duck.parquet');
  await writeTable(path, columns, [
    { name: 'a', count: 1, value: 0.5, yes: true },
    { name: 'b', count: 2, value: Number.NaN, yes: false },
  ]);
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const result = await connection.runAndReadAll(`select sum(count)::int as total, max(name) as last from '${path}'`);
  expect(result.getRowObjects()).toEqual([{ total: 3, last: 'b' }]);
  connection.closeSync();
});

test('a missing column, a missing file and a damaged file are told apart', async () => {
  const path = join(folder, 'any.parquet');
  await expect(readTable(path, { other: 'text' })).rejects.toThrow("has no column 'other'; it has: name, count, value");
  await expect(readTable(join(folder, 'none.parquet'), columns)).rejects.toThrow('does not exist');
  await writeFile(join(folder, 'bad.parquet'), 'PAR1 but not really');
  await expect(readTable(join(folder, 'bad.parquet'), columns)).rejects.toThrow(/not a readable Parquet|damaged/);
});

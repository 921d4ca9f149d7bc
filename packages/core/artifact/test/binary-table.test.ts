import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Cell, openBinaryTable, readRecords } from '@galvani/artifact';
import { Failure, UserMistake } from '@galvani/terminal';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/tables/${name}`, import.meta.url));
const expected: {
  columns: Record<string, (null | boolean | string | { number: string })[]>;
  files: Record<string, string[]>;
} = JSON.parse(readFileSync(fixture('expected.json'), 'utf8'));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'galvani-binary-table-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a cell is for pyarrow's, whose missing numbers are NaN here. */
const value = (cell: (typeof expected.columns)[string][number], kind: string): Cell => {
  if (cell === null) return kind === 'number' ? Number.NaN : null;
  return typeof cell === 'object' ? Number(cell.number) : cell;
};

test.each(Object.entries(expected.files))('%s is read as pyarrow reads it', async (name, columns) => {
  const table = await readRecords(fixture(name));
  expect(table.columns.map((column) => column.name)).toEqual(columns);
  for (const [c, column] of columns.entries()) {
    const wanted = expected.columns[column].map((cell) => value(cell, table.columns[c].kind));
    expect(
      wanted.map((_, row) => table.cell(row, c)),
      column,
    ).toEqual(wanted);
  }
  expect(table.rows).toBe(40);
});

test.each([
  ['range', []],
  ['plain', ['__index_level_0__']],
  ['copied', ['__index_level_0__']],
  ['named', ['scan']],
  ['levels', ['run', '__index_level_1__']],
])('the index of a pandas frame is known: %s', async (name, wanted) => {
  for (const kind of name === 'copied' ? ['parquet'] : ['parquet', 'arrow']) {
    const table = await openBinaryTable(fixture(`index-${name}.${kind}`));
    await table.close();
    expect(table.columns.filter(({ index }) => index).map((column) => column.name)).toEqual(wanted);
    expect(table.columns.filter(({ index }) => !index).map((column) => column.name)).toEqual(['u0', 'u1']);
  }
});

test('what is neither number, flag nor text is known as such', async () => {
  for (const name of ['other.parquet', 'other.arrow']) {
    const table = await openBinaryTable(fixture(name));
    await table.close();
    const kinds = Object.fromEntries(table.columns.map((column) => [column.name, column.kind]));
    const bytes = name.endsWith('parquet') ? 'text' : 'other';
    expect(kinds, name).toEqual({ u: 'number', list: 'other', struct: 'other', date: 'other', time: 'other', bytes });
  }
  await expect(readRecords(fixture('other.parquet'))).rejects.toThrow(/column 'bytes'/);
  const duration = await openBinaryTable(fixture('duration.parquet'));
  await duration.close();
  expect(duration.columns[0]).toMatchObject({ kind: 'other', type: 'duration' });
});

test('a table without rows has none, with and without row groups', async () => {
  for (const name of ['empty.parquet', 'no-groups.parquet']) {
    const table = await readRecords(fixture(name));
    expect([table.rows, table.columns.length]).toEqual([0, 17]);
  }
});

test('integers beyond float64 stay exact', async () => {
  const signed = await readRecords(fixture('inexact.parquet'));
  expect([signed.cell(0, 0), signed.cell(1, 0)]).toEqual([1, 2n ** 53n + 1n]);
  const unsigned = await readRecords(fixture('inexact-unsigned.parquet'));
  expect(unsigned.cell(1, 0)).toBe(2n ** 64n - 1n);
});

describe('what cannot be read is refused with a sentence', () => {
  const refused = (name: string, bytes: Uint8Array | string) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return expect(readRecords(path)).rejects;
  };

  test('by what it is', async () => {
    await expect(readRecords(fixture('twice.parquet'))).rejects.toThrow(/the column 'u' is there twice/);
    await expect(readRecords(fixture('version1.feather'))).rejects.toThrow(/Feather of version 1.*as version 2/);
    await refused('x.parquet', '').toThrow(/x\.parquet is empty/);
    await refused('x.parquet', 'PAR1 but not really').toThrow(/is not a readable Parquet file/);
    await refused('x.arrow', 'onset,duration\n').toThrow(/is not a readable Arrow file/);
    await refused('x.parquet', `PAR1${' '.repeat(20)}PARE`).toThrow(/is encrypted/);
  });

  test('damaged pages differ from their checksum', async () => {
    const bytes = readFileSync(fixture('none-1.parquet'));
    bytes[200] ^= 1;
    await refused('x.parquet', bytes).toThrow(/is damaged \(column 'uint8': a page differs from its checksum\)/);
  });

  test('what follows the end of a stream, unless it is padding', async () => {
    const stream = readFileSync(fixture('none-stream.arrow'));
    await refused('two.arrows', Buffer.concat([stream, stream])).toThrow(
      `two.arrows: its Arrow stream ends at byte ${stream.length} of ${2 * stream.length}, and more follows`,
    );
    await refused('tail.arrows', Buffer.concat([stream, Buffer.alloc(3 << 20), Buffer.from('a')])).toThrow(
      /and more follows/,
    );
    writeFileSync(join(folder, 'padded.arrows'), Buffer.concat([stream, Buffer.alloc(4096)]));
    expect((await readRecords(join(folder, 'padded.arrows'))).rows).toBe(40);
  });

  test('a file that is cut short says so', async () => {
    for (const name of ['zstd-1.parquet', 'none-file.arrow', 'none-stream.arrow', 'lz4-file.arrow']) {
      const bytes = readFileSync(fixture(name));
      for (const share of [0.1, 0.5, 0.9, 0.999])
        await refused(`cut-${name}`, bytes.subarray(0, bytes.length * share)).toThrow(
          /cut-.*(cut short|not a readable|is damaged)/,
        );
    }
  });
});

test('whatever happens to a file, the answer is a table or a sentence that names it', async () => {
  const names = readdirSync(fixture('')).filter((name) => /^(none|zstd|lz4|snappy|delta|split|polars)/.test(name));
  const bytes = new Map(names.map((name) => [name, readFileSync(fixture(name))]));
  const change = fc.record({
    // Half of the changes fall into the end, where Parquet and Arrow files say what they hold.
    place: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0.8, max: 1, noNaN: true })),
    values: fc.uint8Array({ minLength: 1, maxLength: 6 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...names),
      fc.array(change, { minLength: 1, maxLength: 3 }),
      async (name, changes) => {
        const copy = Buffer.from(bytes.get(name)!);
        for (const { place, values } of changes)
          copy.set(values.subarray(0, 1 + copy.length), Math.floor(place * (copy.length - 6)));
        const path = join(folder, `changed-${name}`);
        writeFileSync(path, copy);
        try {
          await readRecords(path);
        } catch (error) {
          expect(error instanceof Failure || error instanceof UserMistake, String((error as Error).stack)).toBe(true);
          expect((error as Error).message).toContain(path);
        }
      },
    ),
    { numRuns: 150 },
  );
});

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createActivationFile, readAnyTable } from '@galvani/artifact';
import type { Site } from '@galvani/model';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { replayHead } from '../src/replay-head.js';
import { replayedRows } from '../src/replay-rows.js';
import type { ReplayedRun } from '../src/replay-sites.js';
import { replayTable, replayText, writeReplayTable } from '../src/replay-table.js';

const site: Site = { name: 'model.fc1', kind: 'linear', width: 3, layer: 'block-00' };
let folder: string;
let runs: ReplayedRun[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'galvani-replay-table-'));
  runs = await Promise.all(['first', 'second'].map((run, r) => replayed(run, 10 * r)));
});
afterEach(() => rm(folder, { recursive: true }));

/** A run of two tokens, whose numbers are first, first + 1, ... but for one NaN. */
async function replayed(run: string, first: number): Promise<ReplayedRun> {
  const path = join(folder, `${run}.arrow`);
  const file = await createActivationFile(path, [{ site: site.name, kind: site.kind, width: 3 }], 'float32');
  await file.append(2, [Float32Array.from([0, 1, 2, 3, 4, Number.NaN], (value) => first + value)]);
  await file.finish();
  const row = { prompt: 0, token_id: 7, after_end: false, log_probability: -1, entropy: 1 };
  const tokens = [' a, "b"', '\n'].map((token, position) => ({ ...row, position, token }));
  const recording = {
    sites: [site],
    batch: 1,
    model: { sha256: '' },
    key: '',
    keep: 'tokens',
    afterEnd: 'drop',
  } as const;
  return {
    ...{ run, tokens, events: [], sites: [site], recording, kept: true },
    unitsOf: () => undefined,
    rows: (_, units) => replayedRows(path, site.name, units),
  };
}

const names = ['run', 'prompt', 'position', 'token_id', 'token', 'after_end', 'model.fc1.2', 'model.fc1.0'];

test('a table has a row for each token and a column for each unit, in Parquet, CSV and JSON', async () => {
  const table = await replayTable(runs, 'parquet', [2, 0]);
  expect(table.rows).toBe(4);
  const path = join(folder, 'table.parquet');
  await writeReplayTable(path, table, 'parquet');
  const written = await readAnyTable(path);
  expect(written.names).toEqual(names);
  expect(written.rows[2]).toEqual({
    ...{ run: 'second', prompt: 0, position: 0, token_id: 7, token: ' a, "b"', after_end: false },
    ...{ 'model.fc1.2': 12, 'model.fc1.0': 10 },
  });
  const csv = join(folder, 'table.csv');
  await writeReplayTable(csv, table, 'csv');
  const text = await readFile(csv, 'utf8');
  expect(text).toBe([...replayText(table, 'csv')].join(''));
  expect(text.startsWith(`${names.join(',')}\nfirst,0,0,7," a, ""b""",false,2,0\nfirst,0,1,7,"\n",false,NaN,3\n`)).toBe(
    true,
  );
  const rows = JSON.parse([...replayText(table, 'json')].join(''));
  expect(rows).toHaveLength(4);
  expect(rows[1]).toEqual({ ...written.rows[1], 'model.fc1.2': 'NaN' });
});

test('the first rows are shown with the first units, and what is left out is counted', async () => {
  const lines = await replayHead(runs, undefined, { mostRows: 3, mostUnits: 2 });
  expect(lines).toEqual([
    'model.fc1',
    'run     prompt  position  token             0       1',
    'first        0         0  " a, \\"b\\""  0.0000  1.0000',
    'first        0         1  "\\n"         3.0000  4.0000',
    'second       0         0  " a, \\"b\\""  10.000  11.000',
    '... 1 more row and 1 more unit: --out FILE writes all of them',
  ]);
  expect(await replayHead(runs)).toHaveLength(6);
  expect((await replayHead(runs, [2])).at(-1)).toMatch(/^second .* NaN$/);
  const two = runs.map((run) => ({ ...run, sites: [site, { ...site, name: 'model.fc2' }] }));
  const [head, ...more] = await replayHead(two, undefined, { mostRows: 2, mostUnits: 3 });
  expect(head).toMatch(/ model\.fc1\.0 {2}model\.fc1\.1 {2}model\.fc1\.2$/);
  expect(more.at(-1)).toMatch(/^\.\.\. 2 more rows and 3 more units/);
});

test('a table that would hold too many numbers is refused with their count', async () => {
  const wide = runs.map((run) => ({ ...run, sites: [{ ...site, width: 9_000_000 }] }));
  await expect(replayTable(wide, 'csv')).rejects.toThrow(
    /36,000,000 numbers, and at most 20,000,000 .* as csv.*--unit/,
  );
  await expect(replayTable(wide, 'parquet', [...Array(1_000_000).keys()])).rejects.toThrow(/at most 3,000,000/);
});

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readAnyTable } from '@galvani/artifact';
import { UserMistake } from '@galvani/terminal';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { smallRuns, smallStudy, writeSmallStudy } from '../../../test/small-study.js';
import type { TemporaryWorkspace } from '../../../test/temporary-workspace.js';
import { galvani } from './run-command.js';

const root = mkdtempSync(join(tmpdir(), 'galvani-replay-command-'));
const study = join(root, 'pipelines/default');
const site = 'model.decoder.layers.1.fc2';
const said = () => vi.mocked(process.stderr.write).mock.calls.join('');
const replay = (...words: string[]) => galvani('replay', study, ...words);

beforeAll(async () => {
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  write('nx.json', '{}');
  writeSmallStudy({ root, write } as TemporaryWorkspace);
  await galvani('design', study);
  await galvani('extract', study);
  vi.restoreAllMocks();
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('a table is shown, and it is said that tokens and activations are the recorded ones', async () => {
  const printed = await replay('--site', site, '--unit', '3,5-6', '--run', smallRuns[1]);
  const [title, head, first, ...more] = printed.trimEnd().split('\n');
  expect(title).toBe(site);
  expect(head.trim().split(/\s+/)).toEqual(['run', 'prompt', 'position', 'token', '3', '5', '6']);
  expect(first).toMatch(/^ses-01_task-cooking +0 +0 +"/);
  expect(more).toHaveLength(10);
  expect(more.at(-1)).toMatch(/^\.\.\. \d+ more rows: --out FILE writes all of them$/);
  expect(said()).toMatch(
    /1 run, \d+ rows: the tokens are those generated in the recording, and so are their log probabilities/,
  );
  expect(said()).toMatch(/fc2: all [\d,]+ numbers equal the recorded activations, bit for bit/);
  await replay('--site', site, '--run', smallRuns[1]);
  expect(said()).toMatch(/rows, taken from .*derivatives\/default\/replay:/);
});

test('files hold all rows of all runs, of sites that were not recorded too', async () => {
  const other = 'model.decoder.layers.0.fc1';
  const out = join(root, 'units.parquet');
  expect(await replay('--site', site, other, '--unit', '0', '--out', out)).toMatch(/units\.parquet: \d+ rows, 2 units/);
  expect(said()).toMatch(/fc1: no activations of it were kept/);
  const { names, rows } = await readAnyTable(out);
  expect(names.slice(6)).toEqual([`${other}.0`, `${site}.0`]);
  expect([...new Set(rows.map(({ run }) => run))]).toEqual(smallRuns);
  const json = JSON.parse(await replay('--site', site, other, '--unit', '0', '--format', 'json'));
  expect(json).toEqual(rows);
  const csv = join(root, 'units.CSV');
  await replay('--site', site, other, '--unit', '0', '--out', csv);
  expect(await replay('--site', site, other, '--unit', '0', '--format', 'csv')).toBe(readFileSync(csv, 'utf8'));
});

test('means that were stored in half precision are the recorded ones to that rounding', async () => {
  const half = join(root, 'pipelines/half');
  mkdirSync(half);
  const kept = smallStudy.replace('newTokens: 4,', 'newTokens: 4, keep: prompts, storage: float16,');
  writeFileSync(join(half, 'study.yaml'), kept);
  await galvani('design', half);
  await galvani('extract', half);
  vi.restoreAllMocks();
  const told = JSON.parse(await galvani('replay', half, '--site', site, '--json'));
  expect(told.warnings).toEqual([]);
  expect(told.sites[0].different).toBeGreaterThan(0);
  expect(told.sites[0].largest).toBeLessThan(2 ** -11);
});

test.each([
  [[], /required option '--site <name\.\.\.>' not specified/],
  [['--site', 'model.decoder.layers.1.fc3'], /no site 'model\.decoder\.layers\.1\.fc3'\. Did you mean '/],
  [['--site', site, '--unit', 'some'], /whole numbers from 0, or ranges of them, such as 7 or 5,7,10-20/],
  [['--site', site, '--unit', '99'], /fc2 has no unit 99: its \d+ units are counted from 0/],
  [['--site', site, '--run', 'ses-03_task-cooking'], /has no run 'ses-03_task-cooking'/],
  [['--site', site, '--out', join(root, 'units.txt')], /units\.txt does not say .*\.parquet, \.csv or \.json/],
  [['--site', site, '--out', '/dev/null/x.csv'], /--out \/dev\/null\/x\.csv cannot be written/],
  [['--site', site, '--format', 'parquet'], /cannot be printed: name its file/],
])('%j is a mistake', async (words, sentence) => {
  const error = await replay(...words).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(UserMistake);
  expect(error.message).toMatch(sentence);
  expect(existsSync(join(root, 'units.txt'))).toBe(false);
});

/** `galvani unit`: what it says of a unit, beside what other programs read in the same files. */
import { readFile } from 'node:fs/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { stage as design } from '@galvani/design';
import { stage as extract } from '@galvani/extract';
import { stage as glm } from '@galvani/glm';
import { stage as networks } from '@galvani/networks';
import { stage as plan } from '@galvani/plan';
import { studyFolder } from '@galvani/study';
import { type UnitAccount, unitAccount } from '@galvani/view';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { unitText } from '../apps/cli/src/unit-text.js';
import { smallRuns, smallStudy } from './small-study.js';
import { type StageWorkspace, stageWorkspace } from './stage-workspace.js';
import { storedColumns } from './stored-columns.js';

let workspace: StageWorkspace;
const site = 'model.decoder.layers.1.fc2';
const unit = 3;
const folderOf = (study: string) => studyFolder(workspace.placeOf(study, ''), workspace.placeOf('..', ''));

interface Row {
  prompt: number;
  token: string;
  text: string;
  after_end: boolean;
  value: number;
}
/** Rows of all runs, those after the end of a text too: prompts and tokens by DuckDB, activity by apache-arrow. */
const rows: Row[] = [];

beforeAll(async () => {
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
  workspace = stageWorkspace('galvani-unit-');
  const stages = [plan, design, extract, glm, networks];
  await workspace.run('default', smallStudy, stages);
  const means = smallStudy.replace("sites: { include: ['*.fc2'] }", "keep: prompts, sites: { include: ['*.fc2'] }");
  await workspace.run('means', means, stages);
  const connection = await (await DuckDBInstance.create()).connect();
  for (const run of smallRuns) {
    const [tokens, events] = ['extract/{}/tokens.parquet', 'design/{}.parquet'].map((path) =>
      workspace.placeOf('default', path.replace('{}', run)),
    );
    const found = await connection.runAndReadAll(
      `select t.prompt, t.token, t.after_end, e.text from '${tokens}' t join '${events}' e using (prompt) order by t.prompt, t.position`,
    );
    const table = tableFromIPC(await readFile(workspace.placeOf('default', `extract/${run}/activations.arrow`)));
    const values = [...table.getChild(site)!].map((row) => row.get(unit) as number);
    for (const [r, row] of found.getRowObjects().entries()) rows.push({ ...(row as unknown as Row), value: values[r] });
  }
  connection.closeSync();
});
afterAll(() => {
  vi.restoreAllMocks();
  workspace.remove();
});

const close = (found: number, expected: number) => expect(found).toBeCloseTo(expected, 6);

test('values, and the tokens and prompts at which it is highest and lowest', async () => {
  const account = await unitAccount(folderOf('default'), { site, unit, count: 4 });
  const counted = rows.filter(({ after_end }) => !after_end);
  const values = counted.map(({ value }) => value).sort((a, b) => a - b);
  expect([account.of, account.values.count]).toEqual(['tokens', values.length]);
  close(account.values.mean, values.reduce((sum, x) => sum + x, 0) / values.length);
  const percentile = (percent: number) => account.values.percentiles.find((each) => each.percent === percent)!.value;
  close(percentile(0), values[0]);
  close(percentile(100), values.at(-1)!);
  const middle = (values.length - 1) / 2;
  close(percentile(50), (values[Math.floor(middle)] + values[Math.ceil(middle)]) / 2);
  expect(account.tokens.highest.map(({ value }) => value)).toEqual(values.slice(-4).reverse());
  expect(account.tokens.lowest.map(({ value }) => value)).toEqual(values.slice(0, 4));
  const [top] = account.tokens.highest;
  const row = counted.find(({ value }) => value === top.value)!;
  expect([top.token, top.before.startsWith(row.text)]).toEqual([row.token, true]);
  const means = account.prompts.highest[0];
  const own = counted.filter(({ text }) => text === means.text);
  expect(means.tokens).toEqual(own.map(({ token, value }) => ({ token, value })));
  close(means.mean, own.reduce((sum, { value }) => sum + value, 0) / own.length);
});

test('statistics are those of the maps, and members those of the networks', async () => {
  const { maps } = await unitAccount(folderOf('default'), { site, unit, count: 1 });
  const own = maps.find(({ map }) => map === 'task-cooking')!;
  const table = await storedColumns(workspace.placeOf('default', 'glm/task-cooking/block-01.arrow'));
  const [sites, units] = ['site', 'unit'].map((name) => table.get(name)!);
  const at = sites.findIndex((each, u) => each === site && units[u] === unit);
  const stored = (statistic: string) => table.get(`cooking.${statistic}`)![at];
  expect([own.effect, own.t, own.log10_p_familywise]).toEqual(['effect', 't', 'log10_p_familywise'].map(stored));
  expect(maps.filter(({ kind }) => kind === 'run')).toHaveLength(smallRuns.length);
  const connection = await (await DuckDBInstance.create()).connect();
  const units2 = workspace.placeOf('default', 'networks/units.parquet');
  const found = await connection.runAndReadAll(
    `select count(*) from '${units2}' where task = 'cooking' and site = '${site}' and unit = ${unit}`,
  );
  expect(own.member).toBe(Number(found.getRows()[0][0]) > 0);
  connection.closeSync();
});

test('of means over prompts: those, and tokens where runs are played again', async () => {
  const kept = await unitAccount(folderOf('means'), { site, unit, count: 2 });
  expect([kept.of, kept.tokens.highest, kept.prompts.highest[0].tokens[0].value]).toEqual(['prompts', [], undefined]);
  const whole = await unitAccount(folderOf('default'), { site, unit, count: 2 });
  close(kept.prompts.highest[0].mean, whole.prompts.highest[0].mean);
  const replay = async () => Float32Array.from(rows, ({ value }) => value);
  const played = await unitAccount(folderOf('means'), { site, unit, count: 2, replay });
  expect({ ...played, maps: [] }).toEqual({ ...whole, maps: [] });
});

test.each([
  [{ site: 'elsewhere', unit }, /recorded no site elsewhere; its sites are model\./],
  [{ site, unit: 99_999 }, /has units 0 to \d+, and not 99999/],
])('%j is a mistake', async (asked, sentence) => {
  await expect(unitAccount(folderOf('default'), { ...asked, count: 1 })).rejects.toThrow(sentence);
});

test('text cannot move the terminal’s cursor or its colours; with colours tokens far from the mean have one', () => {
  const hostile = '\u001b[2J\u202enever\n';
  const prompt = {
    run: 'ses-01',
    prompt_id: 'p',
    topic: 'a',
    condition: 'rest',
    text: hostile,
    given: hostile,
    mean: 1,
    tokens: [],
  };
  const token = { ...prompt, position: 0, before: hostile, token: hostile, value: 9 };
  const account: UnitAccount = {
    ...{ site, kind: 'linear', layer: 'block-01', unit, of: 'tokens' as const, maps: [] },
    values: { count: 2, mean: 0, sd: 1, percentiles: [{ percent: 50, value: 0 }] },
    prompts: { highest: [{ ...prompt, tokens: [{ token: 'far', value: 5 }] }], lowest: [] },
    tokens: { highest: [token], lowest: [] },
  };
  const text = unitText(account, { runs: false, colour: false });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be there
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  expect(text).toContain('\\u001b[2J\\u202enever⏎');
  expect(unitText(account, { runs: false, colour: true })).toContain('\u001b[1m\u001b[33mfar');
});

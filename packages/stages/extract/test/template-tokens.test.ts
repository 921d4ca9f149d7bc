import { tokenTable } from '@galvani/artifact';
import { type StageParameters, tokensPath } from '@galvani/study';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { extractStage } from '../src/extract-stage.js';
import { event, letter, plan, readRun, spell, type TinyStudy, tinyStudy } from './tiny-study.js';

const run = 'ses-01_task-a';
const prompts = [[5, 9, 5], [12], [20, 21, 22, 23, 24, 25]];
const [before, after] = [[30, 31], [33]];
const template = `${spell(before)}{prompt}${spell(after)}`;
let study: TinyStudy;

beforeEach(async () => {
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockImplementation(() => true);
  study = await tinyStudy({ [run]: prompts.map((ids, p) => event(run, p, spell(ids))) });
  vi.stubEnv('GALVANI_STORE', study.store);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await study.remove();
});

async function recorded(extraction: Partial<StageParameters['extract']>) {
  await plan(study.folder, [run], { mode: 'read', ...extraction });
  await extractStage({ study: study.folder.root, root: study.root, signal: new AbortController().signal });
  return { sites: await readRun(study, run), tokens: await tokenTable.read(tokensPath(study.folder, run)) };
}

/** Rows of an array, [rows x width], that are of a prompt's own tokens, prompt by prompt. */
function ownRows(values: number[], width: number): number[][][] {
  let row = 0;
  return prompts.map((ids) => {
    row += before.length;
    const own = ids.map(() => values.slice(row * width, ++row * width));
    row += after.length;
    return own;
  });
}

const widthOf = (values: number[]) => values.length / prompts.reduce((sum, ids) => sum + ids.length + 3, 0);

test('the model reads the template, and its tokens have rows or none', async () => {
  const whole = await recorded({ template });
  const own = await recorded({ template, templateTokens: 'drop' });
  const bare = await recorded({});
  const within = (ids: number[]) => [...before, ...ids, ...after];
  expect(whole.tokens.map(({ token_id }) => token_id)).toEqual(prompts.flatMap(within));
  expect(own.tokens.map(({ token_id }) => token_id)).toEqual(prompts.flat());
  expect(own.tokens.map(({ position }) => position)).toEqual(prompts.flatMap((ids) => [...ids.keys()]));
  expect(own.tokens.map(({ token }) => token)).toEqual(prompts.flat().map(letter));
  // Of the log probabilities too those in the template's context.
  const ownOf = (rows: typeof whole.tokens) =>
    ownRows(
      rows.map((row) => row.log_probability),
      1,
    ).flat(2);
  expect(own.tokens.map(({ log_probability }) => log_probability)).toEqual(ownOf(whole.tokens));
  for (const [site, values] of whole.sites) {
    expect(own.sites.get(site), site).toEqual(ownRows(values, widthOf(values)).flat(2));
    if (site !== 'model.decoder.embed_tokens') expect(own.sites.get(site)).not.toEqual(bare.sites.get(site));
  }
});

test.each([
  ['mean', { tokens: 'mean' }],
  ['last', { tokens: 'last' }],
  ['mean', { keep: 'prompts', afterEnd: 'drop' }],
] as const)('the %s of a prompt is that of its own tokens: %o', async (kind, asked) => {
  const whole = await recorded({ template });
  const own = await recorded({ template, templateTokens: 'drop', ...asked });
  for (const [site, values] of whole.sites) {
    const width = widthOf(values);
    const expected = ownRows(values, width).flatMap((rows) =>
      kind === 'last'
        ? rows.at(-1)!
        : Array.from({ length: width }, (_, u) => rows.reduce((sum, row) => sum + row[u], 0) / rows.length),
    );
    const found = own.sites.get(site)!;
    expect(found).toHaveLength(expected.length);
    for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i], 5);
  }
  if ('keep' in asked) return;
  const logs = ownRows(
    whole.tokens.map((row) => row.log_probability),
    1,
  ).map((rows) => rows.flat());
  const mean = (rows: number[]) => rows.reduce((sum, log) => sum + log, 0) / rows.length;
  for (const [p, { log_probability }] of own.tokens.entries())
    expect(log_probability).toBeCloseTo(kind === 'last' ? logs[p].at(-1)! : mean(logs[p]), 5);
});

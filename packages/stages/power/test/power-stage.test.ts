import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { powerTable } from '@galvani/artifact';
import { stage as glmStage } from '@galvani/glm';
import { measurePower } from '@galvani/power';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SyntheticStudy, syntheticStudy } from '../../../../test/synthetic-study.js';

const signal = new AbortController().signal;
let made: SyntheticStudy;
beforeAll(async () => {
  made = await syntheticStudy({
    tasks: ['fossils', 'cells'],
    input: { glm: { relabellings: 200 }, networks: { correction: 'bonferroni' } },
  });
  await glmStage({ study: made.folder.root, root: made.folder.root, signal });
});
afterAll(() => rm(made.folder.root, { recursive: true, force: true }));

test('planted networks are found again with all prompts and from few tokens, and the same bytes come of the same seed', async () => {
  const study = made.folder.root;
  const rows = await measurePower({ study, draws: 2, signal });
  const path = join(made.folder.power, 'power.parquet');
  expect(await powerTable.read(path)).toEqual(rows);
  const joint = rows.filter(({ task }) => task === '');
  const last = joint.findLast(({ varied }) => varied === 'prompts')!;
  expect(last).toMatchObject({ prompts_per_block: 6, sessions: 3, tokens: 0, found: 1, dice: 1 });
  // Tokens of a prompt share most of what they say.
  const tokens = joint.filter(({ varied }) => varied === 'tokens');
  expect(tokens.map((row) => row.tokens)).toEqual([1, 2]);
  for (const { found, sessions } of tokens) expect([found > 0.8, sessions]).toEqual([true, 3]);
  // Responses of three standard deviations need no more prompts.
  expect(joint.findLast(({ varied }) => varied === 'expected')!.power).toBeGreaterThan(0.99);
  const before = await readFile(path);
  await measurePower({ study, draws: 2, signal });
  expect(await readFile(path)).toEqual(before);
});

test('of the strongest share of units there is no power to speak of', async () => {
  const study = await syntheticStudy({ tasks: ['fossils'], sessions: 1, input: { networks: { top: '5%' } } });
  await expect(measurePower({ study: study.folder.root, signal })).rejects.toThrow(/Leave networks\.top out/);
  await rm(study.folder.root, { recursive: true, force: true });
});

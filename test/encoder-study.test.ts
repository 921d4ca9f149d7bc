/** A study of an encoder, which can be read and not generated from, through every stage. */
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lesionTable, readManifest, tokenTable } from '@galvani/artifact';
import { stage as controls } from '@galvani/controls';
import { stage as decode } from '@galvani/decode';
import { stage as design } from '@galvani/design';
import { stage as extract, twinStage as twin, wordingStage as wording } from '@galvani/extract';
import { stage as geometry } from '@galvani/geometry';
import { stage as glm } from '@galvani/glm';
import { stage as lesion } from '@galvani/lesion';
import { stage as networks } from '@galvani/networks';
import { stage as plan } from '@galvani/plan';
import { stage as report } from '@galvani/report';
import { stage as steer } from '@galvani/steer';
import { stage as yardstick } from '@galvani/yardstick';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { home } from './packages.js';
import { smallRuns, smallStudy } from './small-study.js';
import { type StageWorkspace, stageWorkspace } from './stage-workspace.js';

let workspace: StageWorkspace;
const printed: string[] = [];

beforeAll(async () => {
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((line) => printed.push(String(line)) > 0);
  workspace = stageWorkspace('galvani-encoder-');
  const models = workspace.placeOf('models', '');
  mkdirSync(join(models, 'encoder'));
  const checkpoint = join(home, 'packages/core/model/test/fixtures/encoders/bert');
  for (const file of ['config.json', 'model.safetensors'])
    cpSync(join(checkpoint, file), join(models, 'encoder', file));
  cpSync(join(models, 'small/tokenizer.json'), join(models, 'encoder/tokenizer.json'));
  await workspace.run(
    'encoder',
    studyOf("mode: read, tokens: mean, sites: { include: ['*.intermediate_act_fn', '*.layer.?'] }"),
    [...[plan, design, extract, twin, wording, glm, networks, decode, controls, yardstick, geometry, lesion, report]],
  );
});
afterAll(() => {
  vi.restoreAllMocks();
  workspace.remove();
});

const studyOf = (extraction: string) =>
  smallStudy
    .replace('data/models/small', 'data/models/encoder')
    .replace(/extraction: .*\n/, `extraction: { ${extraction} }\n`);

const place = (path: string) => workspace.placeOf('encoder', path);

test('every stage goes through', async () => {
  for (const run of smallRuns) {
    const tokens = await tokenTable.read(place(`extract/${run}/tokens.parquet`));
    expect(tokens.length).toBeGreaterThan(0);
    // An encoder predicts no next token.
    expect(tokens.every(({ log_probability }) => Number.isNaN(log_probability))).toBe(true);
  }
  expect(existsSync(place('wording/embeddings.arrow'))).toBe(true);
  expect((await readManifest(place('twin/ses-01_task-weather'))).facts).not.toHaveProperty('absent');
  expect(readFileSync(place('report/index.html'), 'utf8')).toContain('bert.encoder.layer.1');
});

test('nothing is lesioned or steered, and why is said', async () => {
  expect(await lesionTable.read(place('lesion/matrix.parquet'))).toEqual([]);
  expect(printed.join('')).toMatch(/nothing is lesioned: .*predicts no text: it is an encoder/);
  await expect(workspace.run('encoder', studyOf('mode: read, tokens: mean'), [steer])).rejects.toThrow(
    /it is an encoder|no network has members/,
  );
});

test('a study that would generate is refused with what to change', async () => {
  const generating = workspace.run('generating', studyOf('newTokens: 4'), [plan, design, extract]);
  await expect(generating).rejects.toThrow(/it is an encoder, whose tokens see those behind them.*mode: read/);
});

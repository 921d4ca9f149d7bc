/** Whole small studies, from plan to report, of a mixture of experts and of an .onnx file. */
import { cpSync, mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lesionTable } from '@galvani/artifact';
import { stageTable } from '@galvani/pipeline';
import { openResults } from '@galvani/results';
import { type Stage, studyFolder, verifyStudy } from '@galvani/study';
import { parseHTML } from 'linkedom';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { loadStage, loadUnclaimed } from '../apps/cli/src/load-stage.js';
import { home } from './packages.js';
import { smallStudy } from './small-study.js';
import { type StageWorkspace, stageWorkspace } from './stage-workspace.js';

let workspace: StageWorkspace;

beforeAll(() => {
  workspace = stageWorkspace('galvani-kinds-');
  const model = workspace.placeOf('models', 'experts');
  mkdirSync(model, { recursive: true });
  const checkpoint = join(home, 'packages/core/model/test/fixtures/variants/olmoe');
  for (const file of ['config.json', 'model.safetensors']) cpSync(join(checkpoint, file), join(model, file));
  cpSync(workspace.placeOf('models', 'small/tokenizer.json'), join(model, 'tokenizer.json'));
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
});
afterAll(() => {
  vi.restoreAllMocks();
  workspace.remove();
});

/** Runs every stage that is not run by hand. */
async function runAll(study: string, model: string, sites: string): Promise<void> {
  const yaml = smallStudy.replace('models/small', `models/${model}`).replace("['*.fc2']", sites);
  const rows = stageTable.filter((row) => row.name !== 'plan' && !('byHand' in row && row.byHand));
  const { stage: plan } = await loadUnclaimed('plan' as Stage);
  await workspace.run(study, yaml, [plan, ...(await Promise.all(rows.map((row) => loadStage(row.name as Stage))))]);
}

const folder = (study: string) => studyFolder(workspace.placeOf(study, ''), workspace.placeOf('..', ''));
const page = async (study: string) =>
  parseHTML(await readFile(workspace.placeOf(study, 'report/index.html'), 'utf8')).document;

describe('a mixture of experts', () => {
  beforeAll(() =>
    runAll('experts', 'experts', "['*#gated', '*#heads', '*#router_weights', 'model.layers.?', lm_head]"),
  );

  test('has maps of experts’ hidden units, of the router and of heads', async () => {
    const results = await openResults(folder('experts'), 'report');
    const map = await results.map('task-weather');
    const kinds = new Map(map.sites.map(({ kind, width }) => [kind, width]));
    expect([...kinds.keys()]).toEqual(expect.arrayContaining(['gated', 'router', 'heads', 'block', 'head']));
    const t = map.statistic('t');
    for (const { site, start, width } of map.sites)
      expect(t.subarray(start, start + width).some(Number.isFinite), site).toBe(true);
  });

  test('is lesioned at experts’ hidden units where nobody names sites', async () => {
    const rows = await lesionTable.read(workspace.placeOf('experts', 'lesion/matrix.parquet'));
    expect(rows.length).toBeGreaterThan(0);
    expect(new Set(rows.map(({ sites }) => sites))).toEqual(new Set(['gated']));
  });

  test('verifies, and its report has a map of heads and no number that is none', async () => {
    expect((await verifyStudy(folder('experts'))).flatMap(({ problems }) => problems)).toEqual([]);
    const document = await page('experts');
    expect(document.querySelectorAll('#heads svg').length).toBe(2);
    expect(document.body.textContent).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe('an .onnx file', () => {
  beforeAll(() => runAll('file', 'exported/model.onnx', "['*.fc2', '*.activation_fn', lm_head]"));

  test('verifies, and its report is whole', async () => {
    const verdicts = await verifyStudy(folder('file'));
    expect(verdicts.flatMap(({ problems }) => problems)).toEqual([]);
    const document = await page('file');
    for (const id of ['maps', 'networks', 'identification', 'lesion'])
      expect(document.querySelector(`#${id} svg, #${id} table`), id).not.toBeNull();
    expect(document.querySelector('#heads')).toBeNull();
    expect(document.body.textContent).not.toMatch(/NaN|undefined|Infinity/);
  });
});
